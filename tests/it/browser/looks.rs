//! How the pages look to whoever cannot see them, and what they weigh.

use serde_json::{Value, json};

use super::{Browser, in_browser};
use crate::api::Youlu;

/// How many keystrokes the latency is told from.
const KEYSTROKES: usize = 60;

in_browser!(the_first_page_is_light_and_asks_nobody_else, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    browser.client.goto(&youlu.url("/")).await.unwrap();
    browser.until("document.readyState === 'complete'").await;
    let weight = browser
        .run("return performance.getEntries().filter((e) => e.decodedBodySize !== undefined).map((e) => [e.name, e.decodedBodySize])")
        .await;
    let mut whole = 0;
    for entry in weight.as_array().unwrap() {
        let (name, bytes) = (entry[0].as_str().unwrap(), entry[1].as_u64().unwrap());
        assert!(name.starts_with(&youlu.url("/")), "{name} is another host's");
        whole += bytes;
    }
    println!("the first page weighs {whole} bytes in {} files, uncompressed", weight.as_array().unwrap().len());
    assert!((10_000..150_000).contains(&whole), "{whole}");
});

in_browser!(from_the_last_keystroke_to_routes, 1366 x 768, |browser| {
    let youlu = Youlu::open();
    browser.client.goto(&youlu.url("/")).await.unwrap();
    let told: Vec<char> = "办食品经营许可就差健康证体检报告后天才出窗口说材料不齐不收我都跑了三趟了能不能先收下孩子上学要转学籍户口还没迁过来学校说不行".chars().collect();
    let mut waits: Vec<f64> = Vec::new();
    for letter in told.iter().take(KEYSTROKES) {
        browser.run("performance.clearMarks()").await;
        browser.press(&letter.to_string()).await;
        let wait = browser
            .until("(() => { const [t] = performance.getEntriesByName('youlu-typed'); const [s] = performance.getEntriesByName('youlu-shown'); return t && s && s.startTime > t.startTime && { ms: s.startTime - t.startTime }; })()")
            .await;
        waits.push(wait["ms"].as_f64().unwrap());
    }
    waits.sort_by(f64::total_cmp);
    let at = |percent: usize| waits[(waits.len() - 1) * percent / 100];
    println!("from a keystroke to routes: p50 {:.0} ms, p95 {:.0} ms, worst {:.0} ms, with the pause of 120 ms", at(50), at(95), at(100));
});

/// Every page, in every state worth looking at.
const PAGES: [&str; 10] = [
    "/",
    "/tickets",
    "/tickets?status=closed",
    "/tickets/NUMBER",
    "/tickets/000000-2026-000001",
    "/board",
    "/rules",
    "/rules/due",
    "/tickets/NUMBER/papers",
    "/tickets/NUMBER/papers/receipt",
];

in_browser!(no_page_keeps_anybody_out, 1366 x 768, |browser| {
    let Some(axe) = axe() else { return browser.close().await };
    let youlu = Youlu::open();
    let taken = youlu.post("/v1/cases", &json!({"text": "办食品经营许可，就差健康证，窗口说材料不齐不收"}));
    let number = taken.with_status(201)["ticket"]["number"].as_str().unwrap().to_owned();
    for page in PAGES {
        let page = page.replace("NUMBER", &number);
        browser.client.goto(&youlu.url(&page)).await.unwrap();
        browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })").await;
        passes(&browser, &axe, &page).await;
    }
    browser.client.goto(&youlu.url("/")).await.unwrap();
    browser.press("办食品经营许可，就差健康证，窗口说材料不齐不收").await;
    browser.until("document.querySelector('.way')").await;
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })").await;
    passes(&browser, &axe, "/ with routes").await;
    browser.run("document.querySelector('#facts button').click()").await;
    browser.until("document.querySelector('.editor')").await;
    passes(&browser, &axe, "/ with the editor of a fact").await;
});

/// The checker's script, which is no part of this project: `.ci/run` fetches it and says where it is.
fn axe() -> Option<String> {
    let Some(file) = std::env::var_os("YOULU_AXE") else {
        assert!(std::env::var_os("YOULU_TEST_ALL").is_none(), "YOULU_AXE names no axe.min.js");
        println!("skipped: YOULU_AXE names no axe.min.js (npm: axe-core)");
        return None;
    };
    Some(std::fs::read_to_string(file).unwrap())
}

async fn passes(browser: &Browser, axe: &str, page: &str) {
    browser.run(axe).await;
    let found = browser
        .client
        .execute_async(
            "const done = arguments[arguments.length - 1]; axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })\
             .then((r) => done(r.violations.map((v) => v.id + ': ' + v.help + ' ' + v.nodes.slice(0, 3).map((n) => n.html).join(' '))), (e) => done([String(e)]));",
            Vec::new(),
        )
        .await
        .unwrap();
    assert_eq!(found, Value::Array(Vec::new()), "{page}");
}
