//! A ticket's page under a clerk's fingers.

use fantoccini::Locator;
use serde_json::json;

use super::in_browser;
use crate::api::Youlu;

fn opened(youlu: &Youlu) -> String {
    let taken = youlu.post("/v1/cases", &json!({"text": "办食品经营许可，就差健康证，窗口说材料不齐不收"}));
    taken.with_status(201)["ticket"]["number"].as_str().unwrap().to_owned()
}

in_browser!(a_move_is_made_by_its_form_and_flaws_stand_beside_their_fields, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    let number = opened(&youlu);
    browser.client.goto(&youlu.url(&format!("/tickets/{number}"))).await.unwrap();
    browser.client.find(Locator::Id("by")).await.unwrap().send_keys("李明").await.unwrap();
    let form = "form[data-noun=dispatches]";
    browser.until(&format!("document.querySelector('{form}').closest('details').open")).await;
    browser.client.find(Locator::Css(&format!("{form} [name=lead]"))).await.unwrap().send_keys("市市场监管局").await.unwrap();
    browser.client.find(Locator::Css(&format!("{form} button.main"))).await.unwrap().click().await.unwrap();
    browser.until(&format!("document.querySelector('{form} [data-wrong=reason]').textContent.includes('这一项要填')")).await;
    browser.client.find(Locator::Css(&format!("{form} [name=reason]"))).await.unwrap().send_keys("请研究容缺受理").await.unwrap();
    browser.client.find(Locator::Css(&format!("{form} button.main"))).await.unwrap().click().await.unwrap();
    browser.until("document.querySelector('h1 .tag')?.textContent === '已转办'").await;
    assert_eq!(browser.run("return document.getElementById('by').value").await, "李明", "asked for once");
});

in_browser!(somebody_elses_change_is_met_and_never_overwritten, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    let number = opened(&youlu);
    browser.client.goto(&youlu.url(&format!("/tickets/{number}"))).await.unwrap();
    browser.client.find(Locator::Id("by")).await.unwrap().send_keys("李明").await.unwrap();
    let note = json!({"by": "王强", "text": "来人刚打过电话"});
    youlu.post_with(&format!("/v1/tickets/{number}/notes"), &note, &[("if-match", "\"1\"")]).with_status(201);
    browser.run("document.querySelector('form[data-noun=notes]').closest('details').open = true").await;
    browser.client.find(Locator::Css("form[data-noun=notes] textarea")).await.unwrap().send_keys("材料已收").await.unwrap();
    browser.client.find(Locator::Css("form[data-noun=notes] button.main")).await.unwrap().click().await.unwrap();
    browser.until("!document.getElementById('newer').hidden").await;
    let told = browser.text("#newer").await;
    assert!(told.contains("王强") && told.contains("来人刚打过电话"), "{told}");
    assert_eq!(browser.run("return document.querySelector('form[data-noun=notes] textarea').value").await, "材料已收");
    assert_eq!(youlu.get(&format!("/v1/tickets/{number}")).json()["ticket"]["version"], 2, "nothing was written over it");
    browser.run("document.querySelector('#newer button').click()").await;
    browser.until("document.querySelector('.timeline')?.textContent.includes('材料已收')").await;
    assert_eq!(youlu.get(&format!("/v1/tickets/{number}")).json()["ticket"]["version"], 3);
});

in_browser!(what_stands_in_one_form_outlives_another, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    let number = opened(&youlu);
    browser.client.goto(&youlu.url(&format!("/tickets/{number}"))).await.unwrap();
    browser.client.find(Locator::Id("by")).await.unwrap().send_keys("李明").await.unwrap();
    browser.client.find(Locator::Css("form[data-noun=dispatches] [name=reason]")).await.unwrap().send_keys("请研究容缺受理").await.unwrap();
    browser.run("document.querySelector('form[data-noun=notes]').closest('details').open = true").await;
    browser.client.find(Locator::Css("form[data-noun=notes] textarea")).await.unwrap().send_keys("材料已收").await.unwrap();
    browser.client.find(Locator::Css("form[data-noun=notes] button.main")).await.unwrap().click().await.unwrap();
    browser.until("document.querySelector('.timeline')?.textContent.includes('材料已收')").await;
    assert!(browser.text("#done").await.contains("备注"), "what was done is told");
    assert_eq!(browser.run("return document.querySelector('form[data-noun=dispatches] [name=reason]').value").await, "请研究容缺受理");
    assert_eq!(browser.run("return document.querySelector('form[data-noun=notes] textarea').value").await, "", "what was sent is not there again");
});

in_browser!(a_reply_shows_where_it_differs_and_a_code_is_held_against_the_ticket, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    let taken = youlu.post("/v1/cases", &json!({"text": "办食品经营许可，就差健康证，窗口说材料不齐不收"})).with_status(201);
    let number = taken["ticket"]["number"].as_str().unwrap().to_owned();
    let code = taken["public_code"].as_str().unwrap().to_owned();
    for (version, noun, body) in [
        (1, "dispatches", json!({"by": "李明", "lead": "市市场监管局", "reason": "请研究"})),
        (2, "acceptances", json!({"by": "王首席", "leg": 1})),
        (3, "answers", json!({"by": "王首席", "leg": 1, "outcome": "rectified", "answer": "三日内补齐健康证"})),
    ] {
        let seen = format!("\"{version}\"");
        youlu.post_with(&format!("/v1/tickets/{number}/{noun}"), &body, &[("if-match", &seen)]).with_status(201);
    }
    browser.client.goto(&youlu.url(&format!("/tickets/{number}"))).await.unwrap();
    assert_eq!(browser.run("return document.getElementById('replies-outcome').value").await, "rectified", "as the department says");
    browser.client.find(Locator::Id("replies-reply")).await.unwrap().send_keys("五日内补齐健康证").await.unwrap();
    assert_eq!(browser.text("#differs del").await, "三");
    assert_eq!(browser.text("#differs ins").await, "五");
    browser.client.find(Locator::Id("as-answered")).await.unwrap().click().await.unwrap();
    assert!(browser.text("#differs").await.contains("不用写差异理由"));
    for (told, answer) in [("AAAAAAAA", "✗"), (&*code, "✓")] {
        let field = browser.client.find(Locator::Id("code")).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(told).await.unwrap();
        browser.run("document.querySelector('#code-form button').click()").await;
        browser.until(&format!("document.getElementById('code-told').textContent.startsWith('{answer}')")).await;
    }
});
