//! The rule workshop's pages, asked as a browser asks: what policy staff read there is what the rulebook says.

use crate::api::{Answer, Youlu};
use crate::shipped_desktop;
use youlu::desk::{Adopted, RuleFiles};
use youlu::rulefiles::{SourceFile, shipped_policies, shipped_rules};

const RULE: &str = "welfare.temporary-relief.general";

/// A page that came out whole: its status, and that nothing on it may run but our own.
#[track_caller]
pub(crate) fn whole(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let text = answer.text();
    assert!(text.contains("<html lang=\"zh-CN\">") && text.trim_end().ends_with("</html>"));
    assert!(!text.contains(" style=") && !text.contains(" onclick="), "nothing inline");
    assert_eq!(text.matches("<h1").count(), 1, "one heading for the whole page");
    text.to_owned()
}

#[track_caller]
fn has(page: &str, all: &[&str]) {
    for one in all {
        assert!(page.contains(one), "“{one}” is missing");
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn try_out(youlu: &Youlu, fields: &[(&str, &str)]) -> Answer {
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    youlu.send("POST", "/rules/try", &form, Some(body.join("&").as_bytes()))
}

#[test]
fn every_rule_is_found_by_its_route_and_by_its_policy() {
    let youlu = Youlu::open();
    let rulebook = &shipped_desktop().rulebook;
    for path in ["/rules", "/rules?by=policy"] {
        let page = whole(&youlu.get(path), 200);
        has(&page, &[&rulebook.hash[..12], "2026年11月20日 08:30", "程序自带", "aria-current=\"page\">全部规则"]);
        for rule in rulebook.rules.iter() {
            assert!(page.contains(&format!("href=\"/rules/{}\"", rule.id)), "{path}: {}", rule.id);
        }
    }
    let by_policy = whole(&youlu.get("/rules?by=policy"), 200);
    for policy in &rulebook.policies {
        assert!(by_policy.contains(&format!("href=\"/policies/{}\"", policy.id)), "{}", policy.id);
    }
}

#[test]
fn a_search_finds_by_title_id_and_document_number() {
    let youlu = Youlu::open();
    let target = format!("href=\"/rules/{RULE}\"");
    for sought in ["临时救助", "welfare.temporary-relief", "突然遇到难处 临时救助", "国务院令第649号"]
    {
        let page = whole(&youlu.get(&format!("/rules?q={}", encoded(sought))), 200);
        has(&page, &[&target, &format!("value=\"{sought}\"")]);
        assert!(!page.contains("href=\"/rules/tolerant-acceptance.general.food-licence"), "{sought}");
    }
    let nothing = whole(&youlu.get(&format!("/rules?q={}", encoded("登月"))), 200);
    has(&nothing, &["找到 0 条规则", "没有这样的规则"]);
    let marked = whole(&youlu.get("/rules?mark=policy-needs-text"), 200);
    has(&marked, &["文件要补原文", "! 文件要补原文"]);
    let refused = whole(&youlu.get("/rules?mark=nonsense"), 400);
    has(&refused, &["mark"]);
}

#[test]
fn a_rule_stands_as_written_beside_what_it_says() {
    let youlu = Youlu::open();
    let desktop = shipped_desktop();
    let page = whole(&youlu.get(&format!("/rules/{RULE}")), 200);
    let rule = desktop.rulebook.rules.iter().find(|rule| rule.id == RULE).unwrap();
    has(&page, &[&rule.title, &rule.say, "rules/welfare/temporary-relief.yaml", "必须具备，每一条都要成立"]);
    // The file's own lines with their numbers, the comments of what is common among them.
    let files = shipped_rules();
    let file = files.iter().find(|file| file.path == "rules/welfare/temporary-relief.yaml").unwrap();
    for wanted in ["  - id: welfare.temporary-relief.general", "      # 赌博、吸毒、打赏造成的"] {
        let number = file.lines().iter().position(|line| line == wanted).unwrap() + 1;
        let comment = if wanted.contains('#') { " class=\"comment\"" } else { "" };
        has(&page, &[&format!("aria-hidden=\"true\">{number}</span><code{comment}>{wanted}</code>")]);
    }
    assert!(!page.contains("id: welfare.temporary-relief.emergency-first"), "only its own lines");
    for example in &rule.examples {
        has(&page, &[&example.text]);
    }
    for citation in &rule.citations {
        has(&page, &[&format!("href=\"/policies/{}\"", desktop.rulebook.policies[citation.policy].id)]);
    }
    for fact in rule.consider.facts.iter() {
        has(&page, &[&desktop.rulebook.vocabulary.def(*fact).ask]);
    }
    has(&page, &["该想到它的", "走不通或不该想到它的", "! 文件要补原文", "! 哪一条还不知道"]);
    let none = whole(&youlu.get("/rules/no-such.rule"), 404);
    has(&none, &["正在使用的规则里没有这一条"]);
}

#[test]
fn every_rule_and_policy_has_a_page_with_its_lines() {
    let youlu = Youlu::open();
    let rulebook = &shipped_desktop().rulebook;
    for rule in rulebook.rules.iter().step_by(7) {
        let page = whole(&youlu.get(&format!("/rules/{}", rule.id)), 200);
        has(&page, &[&format!("id: {}", rule.id), "<code>"]);
    }
    for policy in rulebook.policies.iter().step_by(5) {
        let page = whole(&youlu.get(&format!("/policies/{}", policy.id)), 200);
        has(&page, &[&format!("id: {}", policy.id), "发文机关", "手上"]);
    }
}

#[test]
fn a_policy_tells_what_is_held_and_which_rules_rest_on_each_clause() {
    let youlu = Youlu::open();
    let page = whole(&youlu.get("/policies/pzh-2021-55"), 200);
    has(
        &page,
        &[
            "攀政管〔2021〕55号",
            "✓ 现行",
            "✓ 手上有全文",
            "二（四）能办尽办",
            "policies/panzhihua.yaml",
            "href=\"/rules/",
        ],
    );
    let waiting = whole(&youlu.get("/policies/pzh-tolerant-acceptance"), 200);
    has(&waiting, &["! 原文或清单不在手上", "! 手上没有全文", "文件要补原文"]);
    whole(&youlu.get("/policies/no-such"), 404);
}

#[test]
fn a_text_tried_shows_the_rule_condition_by_condition_with_the_words() {
    let youlu = Youlu::open();
    let form = whole(&youlu.get(&format!("/rules/try?rule={RULE}")), 200);
    has(&form, &["method=\"post\" action=\"/rules/try\"", &format!("value=\"{RULE}\" selected")]);

    let text = "突然查出尿毒症，医保报完还欠十几万";
    let page =
        whole(&try_out(&youlu, &[("text", text), ("rule", RULE), ("region", "510400"), ("on", "2026-11-20")]), 200);
    has(
        &page,
        &["<mark>尿毒症</mark>", "想到了，凭", "必须具备，都要成立", "id=\"asked\"", "2026年11月20日", "听出来的事实"],
    );
    has(
        &page,
        &[
            "comes good\">不挡路",
            "<li class=\"true\">",
            "<span class=\"unseen\">成立：</span>",
            "verdict needs-confirmation",
        ],
    );
    assert!(page.matches("class=\"verdict").count() > 1, "the other routes stand below");

    let free = whole(&try_out(&youlu, &[("text", text)]), 200);
    assert!(!free.contains("id=\"asked\""), "no rule was asked about");
    assert!(youlu.get("/v1/tickets").json()["items"].as_array().unwrap().is_empty(), "nothing is kept");
}

#[test]
fn what_cannot_be_tried_is_told_and_the_words_stay() {
    let youlu = Youlu::open();
    let text = "养老认证<script>alert(1)</script>";
    let page = whole(&try_out(&youlu, &[("text", text), ("rule", "no.such"), ("on", "昨天")]), 422);
    has(&page, &["没有选的那条规则了", "日期要写成", "role=\"alert\"", "养老认证&#60;script&#62;"]);
    assert!(!page.contains("<script>alert"));
    has(&whole(&try_out(&youlu, &[("text", "  ")]), 422), &["role=\"alert\""]);
    has(&whole(&try_out(&youlu, &[("text", text)]), 200), &["养老认证&#60;script&#62;"]);
    // A text never comes in an address, and a form is no JSON.
    assert_eq!(youlu.get("/rules/try?text=a").status, 400);
    let json = [("content-type", "application/json")];
    assert_eq!(youlu.send("POST", "/rules/try", &json, Some(b"{}")).status, 415);
}

#[test]
fn a_refused_edit_shows_each_problem_with_its_line_and_what_to_write() {
    let youlu = Youlu::open();
    has(&whole(&youlu.get("/rules/problems"), 200), &["没有有错的改动"]);

    let mut rules = shipped_rules();
    let at = rules.iter().position(|file| file.path == "rules/welfare/temporary-relief.yaml").unwrap();
    let text = String::from_utf8(rules[at].bytes.clone()).unwrap();
    let broken = text.replace("wants_temporary_relief: yes", "wants_temporary_releif: yes # <script>");
    rules[at] = SourceFile { bytes: broken.clone().into_bytes(), ..rules[at].clone() };
    let line = broken.lines().position(|line| line.contains("releif")).unwrap() + 1;
    let files = RuleFiles { rules, policies: shipped_policies(), origin: "测试".to_owned() };
    let now = "2026-11-23T09:15:00+08:00".parse::<chrono::DateTime<chrono::FixedOffset>>().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let weighed = youlu.desk().weigh(files, now).unwrap();
    let adopted = runtime.block_on(youlu.desk().adopt(&"default".parse().unwrap(), weighed)).unwrap();
    assert!(matches!(adopted, Adopted::Refused(1..)));

    let page = whole(&youlu.get("/rules/problems"), 200);
    has(&page, &[&format!("rules/welfare/temporary-relief.yaml:{line}:"), "<mark>wants_temporary_releif</mark>"]);
    has(&page, &["您是不是想写 wants_temporary_relief", "# &#60;script&#62;", "2026年11月23日 09:15"]);
    let list = whole(&youlu.get("/rules"), 200);
    has(&list, &["改过的规则文件没有换上", "href=\"/rules/problems\"", &shipped_desktop().rulebook.hash[..12]]);
}

#[test]
fn the_board_looks_as_far_ahead_as_asked_and_leads_to_each_rule() {
    let youlu = Youlu::open();
    for (path, current) in [("/rules/due", "90"), ("/rules/due?days=30", "30")] {
        let page = whole(&youlu.get(path), 200);
        has(&page, &[&format!("href=\"/rules/due?days={current}\" aria-current=\"true\"")]);
        has(
            &page,
            &[
                "文件要补原文",
                "href=\"/policies/pzh-tolerant-acceptance\"",
                "等着补、等着核",
                "policies/panzhihua.yaml 第",
            ],
        );
    }
    whole(&youlu.get("/rules/due?days=soon"), 400);
}

#[test]
fn the_backtest_page_names_the_files_and_every_kind_of_change() {
    let youlu = Youlu::open();
    let page = whole(&youlu.get("/rules/backtest"), 200);
    has(&page, &["<option value=\"rules/welfare/temporary-relief.yaml\">", "multiple", "什么也不保存"]);
    has(&page, &["data-kind=\"promise\" data-danger>新承诺", "data-kind=\"withdrawn\" data-danger>不再列出的出路"]);
    let script = page.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(youlu.get(script).header("content-type"), Some("text/javascript; charset=utf-8"));
}
