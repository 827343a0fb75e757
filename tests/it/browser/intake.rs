//! The intake screen under a clerk's fingers.

use std::path::Path;

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::json;

use super::in_browser;
use crate::api::Youlu;
use crate::program;

const TOLD: &str = "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收";

in_browser!(typing_a_case_shows_routes_and_what_was_heard, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    browser.client.goto(&youlu.url("/")).await.unwrap();
    browser.press(TOLD).await;
    browser.until("document.querySelector('.way h3')?.textContent.includes('食品经营许可')").await;
    let first = browser.text(".way .verdict").await;
    assert_eq!(first, "? 要先确认", "the verdict is said in words");
    let marked = browser.until("[...document.querySelectorAll('#mirror mark')].map((m) => m.textContent).join('|')").await;
    assert!(marked.as_str().unwrap().contains("健康证"), "{marked}");
    let chips = browser.text("#facts").await;
    assert!(chips.contains("缺的材料：健康证"), "{chips}");
    assert!(browser.text("#slip").await.contains("下班前"), "the day it falls due");
});

in_browser!(answering_the_question_changes_the_verdict, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    browser.client.goto(&youlu.url("/")).await.unwrap();
    browser.press(TOLD).await;
    browser.until("document.querySelector('#ask .question')").await;
    // What the person does not know is asked no more.
    browser.press(&char::from(Key::Escape).to_string()).await;
    let credit = "document.querySelector('#ask .question').textContent.includes('失信')";
    while browser.run(&format!("return {credit}")).await != true {
        let asked = browser.text("#ask .question").await;
        browser.press("0").await;
        browser.until(&format!("document.querySelector('#ask .question')?.textContent !== '{asked}'")).await;
    }
    // The third answer: on the list of the dishonest, not repaired.
    browser.press("3").await;
    browser.until("document.querySelector('[data-key=\"fact-credit_status\"]')?.textContent.includes('严重失信')").await;
    browser.until("!document.querySelector('.way h3')?.textContent.includes('健康证报告没出')").await;
    // Put right with a click on what was heard.
    browser.run("document.querySelector('[data-key=\"fact-credit_status\"]').click()").await;
    browser.until("document.querySelector('.editor')").await;
    browser.press("").await;
    browser.run("[...document.querySelectorAll('.editor button')].find((b) => b.textContent.includes('无不良记录')).click()").await;
    browser.until("document.querySelector('.way h3')?.textContent.includes('健康证报告没出')").await;
});

in_browser!(the_whole_intake_by_keyboard_gives_a_number_the_list_shows, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    browser.client.goto(&youlu.url("/")).await.unwrap();
    browser.press(TOLD).await;
    browser.until("document.querySelector('.way')").await;
    browser.chord(Key::Alt, "1").await;
    browser.until("document.querySelector('.way.taken')").await;
    browser.chord(Key::Control, &char::from(Key::Enter).to_string()).await;
    browser.until("location.pathname === '/tickets/510400-2026-000001/papers/receipt'").await;
    let printed = browser.text("main").await;
    for field in ["受理单", "510400-2026-000001", TOLD] {
        assert!(printed.contains(field), "the printed page has no {field}: {printed}");
    }
    browser.client.goto(&youlu.url("/tickets")).await.unwrap();
    browser.client.refresh().await.unwrap();
    assert!(browser.text("#tickets").await.contains("510400-2026-000001"));
    browser.client.goto(&youlu.url("/tickets/510400-2026-000001")).await.unwrap();
    assert!(browser.text(".timeline").await.contains("采用出路"), "the chosen way is in the history");
    browser.client.goto(&youlu.url("/")).await.unwrap();
    assert_eq!(browser.run("return document.getElementById('text').value").await, "", "the next case begins afresh");
});

in_browser!(what_was_misheard_is_put_right_by_keyboard_alone, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    browser.client.goto(&youlu.url("/")).await.unwrap();
    browser.press(TOLD).await;
    browser.until("document.querySelector('.way')").await;
    // Tab leads from the words over the question to what was heard.
    let at = |key: &str| format!("return document.activeElement.dataset.key ?? document.activeElement.id /* {key} */");
    let mut reached = false;
    for _ in 0..40 {
        browser.press(&char::from(Key::Tab).to_string()).await;
        if browser.run(&at("missing")).await == "fact-missing_materials" {
            reached = true;
            break;
        }
    }
    assert!(reached, "what was heard is reached with Tab");
    browser.press(&char::from(Key::Enter).to_string()).await;
    browser.until("document.querySelector('.editor').contains(document.activeElement)").await;
    let mut removed = false;
    for _ in 0..20 {
        if browser.run("return document.activeElement.textContent.includes('没说过')").await == true {
            browser.press(&char::from(Key::Enter).to_string()).await;
            removed = true;
            break;
        }
        browser.press(&char::from(Key::Tab).to_string()).await;
    }
    assert!(removed, "the editor can say that nobody spoke of it");
    browser.until("!document.querySelector('[data-key=\"fact-missing_materials\"]')").await;
    browser.until("document.querySelector('[data-key=\"unsaid-missing_materials\"]')").await;
    browser.run("document.querySelector('[data-key=\"unsaid-missing_materials\"]').focus()").await;
    browser.press(&char::from(Key::Enter).to_string()).await;
    browser.until("document.querySelector('[data-key=\"fact-missing_materials\"]')").await;
});

in_browser!(what_the_clerk_judges_stands_in_the_ticket, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    browser.client.goto(&youlu.url("/")).await.unwrap();
    browser.press(TOLD).await;
    browser.until("document.querySelector('.way')").await;
    browser.chord(Key::Alt, "1").await;
    let choose = "const [id, value] = arguments; const field = document.getElementById(id); field.value = value; field.dispatchEvent(new Event('input'));";
    for (field, value) in [("cause", "poor-service"), ("complexity", "complex")] {
        browser.client.execute(choose, vec![json!(field), json!(value)]).await.unwrap();
    }
    browser.until("document.getElementById('slip').textContent.includes('✓')").await;
    browser.chord(Key::Control, &char::from(Key::Enter).to_string()).await;
    browser.until("location.pathname.endsWith('/papers/receipt')").await;
    let printed = browser.text(".paper").await;
    assert!(printed.contains("业务不熟、态度不好") && printed.contains("5个工作日内反馈进度"), "{printed}");
    let ticket = &youlu.get("/v1/tickets").json()["items"][0];
    assert_eq!((&ticket["cause"], &ticket["complexity"]), (&json!("poor-service"), &json!("complex")));
    assert_eq!(ticket["route"], "tolerant-acceptance.general");
});

in_browser!(a_number_is_typed_as_an_answer, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    browser.client.goto(&youlu.url("/")).await.unwrap();
    browser.press("家里困难想申请低保").await;
    browser.until("document.querySelector('#ask .question')").await;
    browser.press(&char::from(Key::Escape).to_string()).await;
    for _ in 0..12 {
        if browser.run("return document.querySelector('[data-key=answer-field]') !== null").await == true {
            break;
        }
        let asked = browser.text("#ask .question").await;
        browser.press("0").await;
        browser.until(&format!("document.querySelector('#ask .question')?.textContent !== '{asked}'")).await;
    }
    // The first digit goes where the answer belongs, and none of them says "不清楚".
    browser.press("500").await;
    assert_eq!(browser.run("return document.querySelector('[data-key=answer-field]').value").await, "500");
});

in_browser!(an_input_method_that_composes_never_submits, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    browser.client.goto(&youlu.url("/")).await.unwrap();
    browser.press(TOLD).await;
    browser.until("document.querySelector('.way')").await;
    for composing in ["isComposing: true", "keyCode: 229"] {
        let script = format!(
            "for (const key of ['Enter', '1', 'Escape', 'F8']) document.getElementById('text').dispatchEvent(\
             new KeyboardEvent('keydown', {{ key, ctrlKey: key === 'Enter', bubbles: true, cancelable: true, {composing} }}));"
        );
        browser.run(&script).await;
    }
    assert_eq!(browser.run("return document.activeElement.id").await, "text");
    assert_eq!(youlu.get("/v1/tickets").json()["items"], json!([]), "nothing was registered");
});

in_browser!(a_server_that_stops_loses_no_draft, 1366 x 768, |browser| {
    let data = tempfile::tempdir().unwrap();
    let mut server = program::start(data.path(), "127.0.0.1:0");
    let address = server.address.clone();
    browser.client.goto(&address).await.unwrap();
    browser.press("办食品经营许可，").await;
    browser.until("document.querySelector('.way')").await;
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    browser.press("就差健康证").await;
    browser.until("document.getElementById('line').textContent.includes('连不上服务器')").await;
    assert_eq!(browser.run("return document.getElementById('text').value").await, "办食品经营许可，就差健康证");
    let again = restarted(data.path(), &address);
    browser.until("document.getElementById('line').textContent === '已连接'").await;
    browser.client.refresh().await.unwrap();
    browser.until("document.getElementById('text').value === '办食品经营许可，就差健康证'").await;
    browser.until("document.querySelector('#facts')?.textContent.includes('健康证')").await;
    assert!(browser.text("#left").await.contains("还没有登记"), "whose words these are is said");
    drop(again);
});

/// The same server on the same address.
fn restarted(data: &Path, address: &str) -> program::Running {
    program::start(data, address.trim_start_matches("http://"))
}

in_browser!(what_people_write_stays_inert, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    let evil = "<script>window.hit=1</script><img src=x onerror=window.hit=1>=HYPERLINK(\"http://x\")";
    browser.client.goto(&youlu.url("/")).await.unwrap();
    browser.press(&format!("{evil}办食品经营许可，就差健康证")).await;
    browser.until("document.querySelector('.way')").await;
    browser.run("document.getElementById('more').open = true").await;
    for field in ["contact-name", "contact-phone", "contact-other"] {
        browser.client.find(Locator::Id(field)).await.unwrap().send_keys("<script>window.hit=1</script>").await.unwrap();
    }
    browser.client.find(Locator::Id("register")).await.unwrap().click().await.unwrap();
    browser.until("location.pathname.includes('/papers/')").await;
    assert!(browser.text("body").await.contains("<script>window.hit=1</script>"), "shown as it was written");
    let number = "510400-2026-000001";
    for page in ["/tickets", &format!("/tickets/{number}"), "/board"] {
        browser.client.goto(&youlu.url(page)).await.unwrap();
        assert_eq!(browser.run("return window.hit ?? null").await, serde_json::Value::Null, "{page}");
    }
});

in_browser!(who_signs_out_leaves_nothing_on_the_desk, 1366 x 768, |browser| {
    let youlu = Youlu::with_keys(&[("510400", "youlu_k")]);
    for round in 0..2 {
        browser.client.goto(&youlu.url("/board")).await.unwrap();
        browser.until("location.pathname === '/sign-in'").await;
        browser.client.find(Locator::Css("[name=key]")).await.unwrap().send_keys("youlu_k\n").await.unwrap();
        browser.until("location.pathname === '/' && document.getElementById('text')").await;
        assert_eq!(browser.run("return document.getElementById('text').value").await, "", "round {round}");
        assert_eq!(browser.run("return localStorage.getItem('youlu.clerk')").await, serde_json::Value::Null);
        browser.press("我叫张某某，办食品经营许可").await;
        browser.run("localStorage.setItem('youlu.clerk', '李明')").await;
        browser.until("document.querySelector('.way')").await;
        browser.client.find(Locator::Css(".sign-out button")).await.unwrap().click().await.unwrap();
        browser.until("location.pathname === '/sign-in'").await;
    }
});
