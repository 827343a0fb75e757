//! The duty leader's pages under a hand.

use fantoccini::Locator;
use serde_json::json;

use super::in_browser;
use crate::api::Youlu;

in_browser!(a_day_of_the_roster_is_filled_in_and_the_strip_says_who_leads, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    browser.client.goto(&youlu.url("/roster")).await.unwrap();
    browser.client.find(Locator::Id("by")).await.unwrap().send_keys("李明").await.unwrap();
    // Today's button, whether or not the hall is open.
    browser.client.find(Locator::Css("button[data-sets]")).await.unwrap().click().await.unwrap();
    browser.press("张主任").await;
    browser.client.find(Locator::Css("[name=team]")).await.unwrap().send_keys("市医保局首席、市公安局首席").await.unwrap();
    browser.client.find(Locator::Css("form button.main")).await.unwrap().click().await.unwrap();
    browser.until("document.querySelector('.where').textContent.includes('张主任')").await;
    assert!(browser.text("#done").await.contains("已经写入"));
    let first = browser.text("tbody tr").await;
    assert!(first.contains("张主任") && first.contains("市医保局首席、市公安局首席"), "{first}");
});

in_browser!(a_trouble_is_given_to_somebody_to_mend, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    for _ in 0..5 {
        youlu.post("/v1/cases", &json!({"text": "办食品经营许可，就差健康证，窗口说材料不齐不收"})).with_status(201);
    }
    browser.client.goto(&youlu.url("/board")).await.unwrap();
    browser.client.find(Locator::LinkText("食品经营许可，申请材料不齐全")).await.unwrap().click().await.unwrap();
    browser.until("location.pathname === '/rectifications/food-operation-licence-1'").await;
    browser.client.find(Locator::Id("by")).await.unwrap().send_keys("张主任").await.unwrap();
    let form = "form[data-noun=assignments]";
    for (field, told) in [("owner", "市市场监管局"), ("in_charge", "周科长"), ("measure", "改一次性告知")] {
        let place = format!("{form} [name={field}]");
        browser.client.find(Locator::Css(&place)).await.unwrap().send_keys(told).await.unwrap();
    }
    browser.run(&format!("document.querySelector('{form} [name=check_on]').value = '2999-11-20'")).await;
    browser.client.find(Locator::Css(&format!("{form} button.main"))).await.unwrap().click().await.unwrap();
    browser.until("document.querySelector('h1 .tag')?.textContent === '整改中'").await;
    assert!(browser.text(".timeline").await.contains("改一次性告知"));
});

in_browser!(a_report_is_begun_from_the_board, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    youlu.post("/v1/cases", &json!({"text": "办食品经营许可，就差健康证"})).with_status(201);
    let reports = youlu.get("/v1/reports").json();
    let monthly = reports["items"].as_array().unwrap().iter().find(|one| one["kind"] == "monthly").unwrap().clone();
    browser.client.goto(&youlu.url(&format!("/reports/{}", monthly["id"].as_str().unwrap()))).await.unwrap();
    browser.client.find(Locator::Id("by")).await.unwrap().send_keys("李明").await.unwrap();
    browser.client.find(Locator::Css("[name=to]")).await.unwrap().send_keys("市行政审批和数据局").await.unwrap();
    browser.client.find(Locator::Css("form button.main")).await.unwrap().click().await.unwrap();
    browser.until("document.querySelector('h1 .tag')?.textContent === '起草中'").await;
    assert_eq!(youlu.get("/v1/reports").json()["items"].as_array().unwrap().iter().filter(|one| one["stage"] == "draft").count(), 1);
});
