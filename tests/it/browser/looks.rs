//! How the pages look to whoever cannot see them, and what they weigh.

use fantoccini::key::Key;
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
const PAGES: [&str; 27] = [
    "/",
    "/tickets",
    "/tickets?status=closed",
    "/tickets?q=没有这样的话",
    "/tickets?status=nonsense",
    "/tickets/NUMBER",
    "/tickets/000000-2026-000001",
    "/nowhere",
    "/board",
    "/board/received?from=2026-11-01&until=2999-12-31",
    "/roster",
    "/rectifications/food-operation-licence-1",
    "/reports/REPORT",
    "/rules",
    "/rules?by=policy",
    "/rules?q=没有这样的规则",
    "/rules/tolerant-acceptance.general.food-licence",
    "/rules/nonsense",
    "/rules/try",
    "/rules/problems",
    "/rules/backtest",
    "/rules/due",
    "/policies/pzh-2021-55",
    "/tickets/NUMBER/papers",
    "/tickets/NUMBER/papers/receipt",
    "/tickets/NUMBER/papers/dispatch",
    "/tickets/NUMBER/papers/extension",
];

/// Widths and colours: the small old screen by day, the telephone by night, and the narrowest that must do.
const LOOKS: [(u32, u32, &str); 3] = [(1366, 768, "light"), (390, 844, "dark"), (320, 640, "light")];

const TOLD: &str = "办食品经营许可，就差健康证，窗口说材料不齐不收";

in_browser!(no_page_keeps_anybody_out, 1366 x 768, |browser| {
    let Some(axe) = axe() else { return browser.close().await };
    let youlu = Youlu::open();
    let mut number = String::new();
    for _ in 0..5 {
        let taken = youlu.post("/v1/cases", &json!({"text": TOLD, "contact": {"name": "张䶮", "phone": "13800000000"}}));
        taken.with_status(201)["ticket"]["number"].as_str().unwrap().clone_into(&mut number);
    }
    let sent = json!({"by": "李明", "lead": "市市场监管局", "reason": "请研究容缺受理"});
    youlu.post_with(&format!("/v1/tickets/{number}/dispatches"), &sent, &[("if-match", "\"1\"")]).with_status(201);
    let report = youlu.get("/v1/reports").json()["items"][0]["id"].as_str().unwrap().to_owned();
    for (width, height, colours) in LOOKS {
        browser.seen(width, height, colours).await;
        for page in PAGES {
            let page = page.replace("NUMBER", &number).replace("REPORT", &report);
            let look = format!("{page} at {width}, {colours}");
            browser.client.goto(&youlu.url(&page)).await.unwrap();
            let wide = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
            // Paper is as wide as paper is.
            assert!(wide.as_i64().unwrap() <= 0 || page.contains("/papers/"), "{look} is {wide} too wide");
            if width > 320 {
                browser.run(OPEN_ALL).await;
                passes(&browser, &axe, &look).await;
            }
        }
    }
});

/// Opens whatever is folded away.
const OPEN_ALL: &str = "document.querySelectorAll('details').forEach((one) => { one.open = true; })";

in_browser!(no_state_keeps_anybody_out, 1366 x 768, |browser| {
    let Some(axe) = axe() else { return browser.close().await };
    let youlu = Youlu::open();
    for colours in ["light", "dark"] {
        browser.seen(1366, 768, colours).await;
        let look = |what: &str| format!("{what}, {colours}");
        browser.client.goto(&youlu.url("/")).await.unwrap();
        browser.run("document.getElementById('register').click()").await;
        browser.until("!document.getElementById('trouble').hidden").await;
        passes(&browser, &axe, &look("nothing to register")).await;
        browser.press(TOLD).await;
        browser.until("document.querySelector('.way')").await;
        browser.chord(Key::Alt, "1").await;
        browser.run(OPEN_ALL).await;
        passes(&browser, &axe, &look("routes, one taken")).await;
        browser.run("document.querySelector('#facts button').click()").await;
        browser.until("document.querySelector('.editor')").await;
        passes(&browser, &axe, &look("the editor of a fact")).await;
        browser.run("document.getElementById('keys').hidden = false").await;
        passes(&browser, &axe, &look("the sheet of keys")).await;
        browser.client.refresh().await.unwrap();
        browser.until("!document.getElementById('left').hidden").await;
        passes(&browser, &axe, &look("a draft that was left")).await;
        browser.run("document.getElementById('left-afresh').click()").await;

        let taken = youlu.post("/v1/cases", &json!({"text": TOLD}));
        let number = taken.with_status(201)["ticket"]["number"].as_str().unwrap().to_owned();
        browser.client.goto(&youlu.url(&format!("/tickets/{number}"))).await.unwrap();
        browser.run("document.getElementById('by').value = '李明'; document.querySelector('form[data-noun=dispatches] button.main').click()").await;
        browser.until("document.querySelector('[data-wrong]:not([hidden])')").await;
        passes(&browser, &axe, &look("a form with flaws")).await;
        let note = json!({"by": "王强", "text": "来人刚打过电话"});
        youlu.post_with(&format!("/v1/tickets/{number}/notes"), &note, &[("if-match", "\"1\"")]).with_status(201);
        browser.run("document.querySelector('form[data-noun=dispatches] [name=reason]').value = '请研究'; document.querySelector('form[data-noun=dispatches] button.main').click()").await;
        browser.until("!document.getElementById('newer').hidden").await;
        passes(&browser, &axe, &look("somebody was faster")).await;

        browser.client.goto(&youlu.url("/rules/try")).await.unwrap();
        browser.run(&format!("document.getElementById('text').value = '{TOLD}'; document.querySelector('form.trial button.main').click()")).await;
        browser.until("document.querySelector('.result')").await;
        browser.run(OPEN_ALL).await;
        passes(&browser, &axe, &look("a text tried")).await;
    }
    let locked = Youlu::with_keys(&[("510400", "k-of-the-window")]);
    browser.client.goto(&locked.url("/")).await.unwrap();
    assert!(browser.client.current_url().await.unwrap().path().ends_with("/sign-in"));
    browser.seen(1366, 768, "light").await;
    passes(&browser, &axe, "sign in").await;
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
