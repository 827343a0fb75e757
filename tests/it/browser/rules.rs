//! The rule workshop under a policy editor's hands.

use fantoccini::Locator;
use serde_json::json;

use super::in_browser;
use crate::api::Youlu;
use youlu::rulefiles::shipped_rules;

const TOLD: &str = "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收";

in_browser!(an_edit_is_checked_and_held_against_the_tickets_there_are, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    let taken = youlu.post("/v1/cases", &json!({ "text": TOLD }));
    let number = taken.with_status(201)["ticket"]["number"].as_str().unwrap().to_owned();
    let path = "rules/tolerant-acceptance/by-item.yaml";
    let shipped = shipped_rules().into_iter().find(|file| file.path == path).unwrap();
    let shipped = String::from_utf8(shipped.bytes.to_vec()).unwrap();
    for (edited, told, more) in [
        (shipped.replace("require:", "requier:"), "不能用", "怎样改"),
        (shipped.clone(), "个例子都对", "答复不会变"),
        (shipped.replace("core_materials_complete: yes", "core_materials_complete: no"), "和写的不一样", &*number),
    ] {
        browser.client.goto(&youlu.url("/rules/backtest")).await.unwrap();
        browser.client.find(Locator::Id("paste")).await.unwrap().click().await.unwrap();
        let put = "const [path, text] = arguments; const at = document.querySelector('#files input'); const box = document.querySelector('#files textarea');\
            at.value = path; at.dispatchEvent(new Event('input')); box.value = text; box.dispatchEvent(new Event('input'));";
        browser.client.execute(put, vec![json!(path), json!(edited)]).await.unwrap();
        browser.client.find(Locator::Id("run")).await.unwrap().click().await.unwrap();
        browser.until(&format!("document.getElementById('outcome').textContent.includes('{told}')")).await;
        browser.until(&format!("document.getElementById('outcome').textContent.includes('{more}')")).await;
    }
    assert_eq!(youlu.get(&format!("/v1/tickets/{number}")).json()["ticket"]["version"], 1, "nothing was touched");
});
