//! What an edit of the rules changes, as `youlu rules diff` tells it, is what changes; and the ledger's tickets come out
//! again as they were answered.

use crate::program::{rules_with, said, youlu};
use crate::shipped_desktop;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use youlu::cli::cases;
use youlu::desk::{Arrival, CaseDraft, Desk, Desktop, Intake, PROOF_DAY, RuleFiles, Running};
use youlu::http::{render_decision, reread};
use youlu::ledger::{Ledger, Organisation, SqliteLedger, StoredTicket, TicketFilter, TicketOrder};
use youlu::rulefiles::{self, SourceFile, shipped_policies, shipped_rules};
use youlu::workshop::comparison::{
    AnswerError, Asked, Comparison, DANGER, Kind, Labels, Shown, Trial, answer, answers,
};
use youlu::workshop::replay::{Replay, Wire, replay};

const ASKED: Asked<'static> = Asked { region: "510400", on: PROOF_DAY, limit: usize::MAX, render: render_decision };

const WIRE: Wire = Wire { reread, render: render_decision };

/// Cases with what would be right.
fn trials() -> Vec<Trial> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/measure-short.jsonl");
    cases::read::<cases::LabelledCase>(&file)
        .unwrap()
        .into_iter()
        .map(|case| Trial {
            id: case.id,
            draft: CaseDraft { text: case.text, facts: case.facts, region: None, on: None },
            labels: Some(Labels { best: case.best, also: case.also, forbidden: case.forbidden }),
        })
        .collect()
}

static SHIPPED_ANSWERS: LazyLock<Vec<Shown>> =
    LazyLock::new(|| answers(&shipped_desktop(), &trials(), &ASKED).unwrap());

/// Files with everything from one text up to another taken out and a new text put there.
fn edited(mut files: Vec<SourceFile>, from: &str, up_to: &str, to: &str) -> Vec<SourceFile> {
    let holds = |file: &&mut SourceFile| String::from_utf8_lossy(&file.bytes).contains(from);
    let file = files.iter_mut().find(holds).expect("a file holds what is edited");
    let text = String::from_utf8(file.bytes.clone()).unwrap();
    let start = text.find(from).unwrap();
    let end = start + from.len() + text[start + from.len()..].find(up_to).expect("the edit ends");
    file.bytes = format!("{}{to}{}", &text[..start], &text[end..]).into_bytes();
    files
}

/// A rulebook and the files it was made of.
struct Edited {
    desktop: Arc<Desktop>,
    rules: Vec<SourceFile>,
    policies: Vec<SourceFile>,
}

impl Edited {
    fn of(rules: Vec<SourceFile>, policies: Vec<SourceFile>) -> Edited {
        Edited { desktop: Arc::new(Desktop::load(&rules, &policies).expect("the edit loads")), rules, policies }
    }

    /// What it changes in the shipped rules.
    fn compared(&self) -> Comparison {
        let trials = trials();
        let mut edits = rulefiles::edits(&shipped_rules(), &self.rules);
        edits.extend(rulefiles::edits(&shipped_policies(), &self.policies));
        let new = answers(&self.desktop, &trials, &ASKED).unwrap();
        let shipped = shipped_desktop();
        Comparison::of(&trials, PROOF_DAY, (&shipped.rulebook, &SHIPPED_ANSWERS), (&self.desktop.rulebook, &new), edits)
    }
}

/// One way of saying that somebody would sign for it is no longer heard.
static FEWER_CUES: LazyLock<Edited> = LazyLock::new(|| {
    let from = "      - '(写|签|立)(个|一个|一份|份|张|了|下)?(书面)?(承诺|保证|条子|字据)(书)?'\n";
    Edited::of(edited(shipped_rules(), from, "      - ", ""), shipped_policies())
});

/// Nobody is visited at home but for one of the finer reasons.
static FEWER_RULES: LazyLock<Edited> = LazyLock::new(|| {
    let (from, up_to) = ("  - id: service.home-visit.general\n", "  - id: service.home-visit.bedridden\n");
    Edited::of(edited(shipped_rules(), from, up_to, ""), shipped_policies())
});

/// Every document is at hand.
static TEXT_HELD: LazyLock<Edited> = LazyLock::new(|| {
    let policies = shipped_policies()
        .into_iter()
        .map(|file| {
            let text = String::from_utf8(file.bytes).unwrap();
            SourceFile { bytes: text.replace("status: needs-local-text", "status: in-force").into_bytes(), ..file }
        })
        .collect();
    Edited::of(shipped_rules(), policies)
});

/// An answer in full, without the rulebook's name and the scores.
fn in_full(desktop: &Desktop, draft: &CaseDraft) -> (Json, bool) {
    fn strip(value: &mut Json) {
        match value {
            Json::Object(members) => {
                members.remove("score");
                members.remove("rulebook");
                members.values_mut().for_each(strip);
            }
            Json::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let answer = answer(desktop, draft, &ASKED).unwrap();
    let mut json = serde_json::from_str(&answer.written).unwrap();
    strip(&mut json);
    (json, answer.facts_refused)
}

#[track_caller]
fn changes_what_differs_in_full(edited: &Edited) -> Comparison {
    let comparison = edited.compared();
    let shipped = shipped_desktop();
    let otherwise: Vec<String> = trials()
        .into_iter()
        .filter(|trial| in_full(&shipped, &trial.draft) != in_full(&edited.desktop, &trial.draft))
        .map(|trial| trial.id)
        .collect();
    let changed: Vec<&String> = comparison.changed.iter().map(|case| &case.id).collect();
    assert_eq!(changed, otherwise.iter().collect::<Vec<_>>());
    assert!(!changed.is_empty(), "the edit changes something");
    assert!(comparison.changed.iter().all(|case| !case.changes.is_empty()), "every change is named");
    assert_eq!(comparison.count(Kind::Other), 0, "and by what it is");
    let again = edited.compared();
    assert_eq!(again, comparison, "again the same");
    assert_eq!((again.text(3), again.markdown(3)), (comparison.text(3), comparison.markdown(3)), "to the letter");
    comparison
}

#[test]
fn the_same_rules_change_nothing() {
    let shipped = shipped_desktop();
    let again = Edited { desktop: shipped, rules: shipped_rules(), policies: shipped_policies() };
    let comparison = again.compared();
    assert_eq!((comparison.cases, comparison.changed.len()), (trials().len(), 0));
    assert!(comparison.edits.is_empty() && comparison.kinds.is_empty() && comparison.per_route.is_empty());
    assert!(comparison.text(3).starts_with(&format!("{} 件的答复一件都没有变。", comparison.cases)));
}

#[test]
fn a_cue_less_changes_exactly_the_cases_that_are_answered_otherwise() {
    let comparison = changes_what_differs_in_full(&FEWER_CUES);
    let facts = &comparison.edits["facts"];
    assert_eq!((facts.edited.as_slice(), facts.removed.len()), (["willing_to_commit".to_owned()].as_slice(), 0));
    assert_eq!(comparison.edits.len(), 1, "no other section was touched");
    assert!(comparison.count(Kind::Facts) > 0, "the fact is no longer heard");
    assert!(comparison.count(Kind::Facts) <= comparison.changed.len());
}

#[test]
fn a_rule_taken_out_withdraws_its_route_and_is_named() {
    let comparison = changes_what_differs_in_full(&FEWER_RULES);
    assert_eq!(comparison.edits["rules"].removed, ["service.home-visit.general"]);
    assert!(comparison.per_route["service.home-visit"][&Kind::Withdrawn] > 0);
    let text = comparison.text(2);
    assert!(text.lines().next().unwrap().contains("不再列出的出路"), "the danger first: {text}");
    assert!(text.contains("规则：删除 1 处（service.home-visit.general）"), "{text}");
    let withdrawn = text.find("⚠ 不再列出的出路，例如").unwrap();
    assert!(text[withdrawn..].lines().nth(2).unwrap().contains("上门服务 service.home-visit："), "{text}");
    // Counted by cases, so never more than there are.
    assert!(comparison.kinds.values().all(|n| *n <= comparison.changed.len()));
}

#[test]
fn a_new_promise_is_told_first() {
    let comparison = changes_what_differs_in_full(&TEXT_HELD);
    assert!(comparison.per_route["welfare.disability"][&Kind::Promise] > 0);
    assert!(!comparison.edits["policies"].edited.is_empty());
    let order: Vec<Kind> = comparison.kinds.keys().copied().collect();
    assert!(DANGER.contains(&order[0]), "{order:?}");
    for case in &comparison.changed {
        let kinds: Vec<Kind> = case.changes.iter().map(|change| change.kind).collect();
        assert!(kinds.is_sorted(), "{}: {kinds:?}", case.id);
        let text = case.text.as_ref().unwrap();
        assert!(text.chars().count() <= 41, "{text}");
    }
    let promise = comparison
        .changed
        .iter()
        .flat_map(|case| &case.changes)
        .find(|change| change.kind == Kind::Promise && change.from == "要先确认")
        .expect("a promise that was a question");
    assert_eq!(promise.to, "可以办");
}

#[test]
fn what_labels_call_better_and_worse_is_told() {
    let shipped = shipped_desktop();
    let base = |route: &Json| route["route"].as_str().unwrap().split('.').take(2).collect::<Vec<_>>().join(".");
    let told = |answer: &Json| -> (Option<String>, BTreeSet<String>) {
        let routes = answer["routes"].as_array().unwrap();
        let promised = routes.iter().filter(|route| route["verdict"] == "applicable").map(base).collect();
        (routes.first().map(base), promised)
    };
    let mut expected: BTreeSet<(Kind, String)> = BTreeSet::new();
    for trial in trials() {
        let labels = trial.labels.unwrap();
        let was = told(&in_full(&shipped, &trial.draft).0);
        let is = told(&in_full(&TEXT_HELD.desktop, &trial.draft).0);
        let hit = |first: &Option<String>| first.as_ref().is_some_and(|first| labels.best.contains(first));
        let broken = |route: &&String| {
            labels.forbidden.contains(*route) || (labels.best.is_empty() && !labels.also.contains(*route))
        };
        for (kind, found) in [
            (Kind::HitGained, hit(&is.0) && !hit(&was.0)),
            (Kind::HitLost, hit(&was.0) && !hit(&is.0)),
            (Kind::FalsePromise, is.1.difference(&was.1).any(|route| broken(&route))),
            (Kind::FalsePromiseGone, was.1.difference(&is.1).any(|route| broken(&route))),
        ] {
            expected.extend(found.then(|| (kind, trial.id.clone())));
        }
    }
    let comparison = TEXT_HELD.compared();
    let found: BTreeSet<(Kind, String)> = comparison
        .changed
        .iter()
        .flat_map(|case| case.changes.iter().map(|change| (change.kind, case.id.clone())))
        .filter(|(kind, _)| [Kind::HitGained, Kind::HitLost, Kind::FalsePromise, Kind::FalsePromiseGone].contains(kind))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn markdown_shows_what_is_written_as_it_is() {
    let shipped = shipped_desktop();
    let trial = Trial {
        id: "A|1".to_owned(),
        draft: CaseDraft {
            text: "腿杆打起钢钉在屋头养起，卖房子签字非要本人，<b>买家</b>|又|\n*等* [不](得)".to_owned(),
            ..CaseDraft::default()
        },
        labels: None,
    };
    let trials = [trial];
    let old = answers(&shipped, &trials, &ASKED).unwrap();
    let new = answers(&FEWER_RULES.desktop, &trials, &ASKED).unwrap();
    let (was, is) = ((&shipped.rulebook, old.as_slice()), (&FEWER_RULES.desktop.rulebook, new.as_slice()));
    let edits = rulefiles::edits(&shipped_rules(), &FEWER_RULES.rules);
    let markdown = Comparison::of(&trials, PROOF_DAY, was, is, edits).markdown(3);
    let lines: Vec<&str> = markdown.lines().collect();
    assert_eq!(lines[0], "## 规则改动的影响");
    assert!(lines[2].starts_with("**1 件里有 1 件的答复变了；请先看："), "{}", lines[2]);
    let shown = r"- **A\|1**：腿杆打起钢钉在屋头养起，卖房子签字非要本人，&lt;b&gt;买家&lt;/b&gt;\|又\| \*等\* \[…";
    assert!(lines.contains(&shown), "{markdown}");
    assert!(lines.contains(&"- 规则：删除 1 处（service.home-visit.general）"), "{markdown}");
    assert!(lines.contains(&"| 答复变了 | 1 |"), "{markdown}");
    for table in markdown.split("\n\n").filter(|part| part.starts_with('|')) {
        let cells = |line: &str| line.replace(r"\|", "").matches('|').count();
        assert!(table.lines().all(|line| cells(line) == cells(table.lines().next().unwrap())), "{table}");
    }
}

#[test]
fn facts_no_longer_taken_are_told() {
    let shipped = shipped_desktop();
    let asked = |facts: Json| {
        let facts = facts.as_object().unwrap().clone();
        let draft = CaseDraft { text: "婆婆走不动".to_owned(), facts, ..CaseDraft::default() };
        [Trial { id: "F1".to_owned(), draft, labels: None }]
    };
    let trials = asked(json!({"no_such_fact": true}));
    let without = answers(&shipped, &asked(json!({})), &ASKED).unwrap();
    let refused = answers(&shipped, &trials, &ASKED).unwrap();
    let (was, is) = ((&shipped.rulebook, without.as_slice()), (&shipped.rulebook, refused.as_slice()));
    let comparison = Comparison::of(&trials, PROOF_DAY, was, is, BTreeMap::new());
    assert_eq!(comparison.kinds, BTreeMap::from([(Kind::Refused, 1)]));
}

#[test]
fn an_id_that_vanished_is_named() {
    let (from, up_to) = ("  - id: service.home-visit.general\n", "    route:");
    let renamed = edited(shipped_rules(), from, up_to, "  - id: service.home-visit.other\n");
    let edits = rulefiles::edits(&shipped_rules(), &renamed);
    assert_eq!(edits.keys().collect::<Vec<_>>(), ["rules"]);
    assert_eq!(edits["rules"].added, ["service.home-visit.other"]);
    assert_eq!(edits["rules"].removed, ["service.home-visit.general"]);
    assert!(edits["rules"].edited.is_empty());
}

#[test]
fn comments_and_files_moved_are_no_edits() {
    let mut rules = shipped_rules();
    for file in &mut rules {
        file.path = format!("elsewhere/{}", file.path);
        file.bytes = [b"# \xe6\x94\xb9\n".as_slice(), &file.bytes].concat();
    }
    assert!(rulefiles::edits(&shipped_rules(), &rules).is_empty());
}

#[test]
fn the_command_compares_folders_and_holds_to_what_is_demanded() {
    let broken = rules_with("service/home-visit.yaml", "- visit_ground: bedridden", "- visit_grund: bedridden");
    let without = rules_with("service/home-visit.yaml", "    say: 本人来不了的，我们登记上门", "    say: 我们登记上门");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, "{\"id\":\"K1\",\"text\":\"老人行动不便，能不能派人来家里办一下\",\"best\":[]}\n").unwrap();
    let diff = |old: &str, new: &Path, more: &[&str]| {
        let cases = file.to_str().unwrap();
        let new = new.to_str().unwrap();
        youlu().args(["rules", "diff", old, new, "--on", "2026-11-20", "--cases", cases]).args(more).output().unwrap()
    };
    let wording = diff("shipped", without.path(), &["--format", "json", "--fail-on", "promise,withdrawn"]);
    assert_eq!(wording.status.code(), Some(0), "{}", said(&wording));
    let told: Json = serde_json::from_slice(&wording.stdout).unwrap();
    assert_eq!(told["kinds"], json!({"wording": 1}), "{told}");
    assert_eq!(told["edits"]["rules"]["edited"], json!(["service.home-visit.general"]));
    let demanded = diff("自带", without.path(), &["--fail-on", "wording"]);
    assert_eq!(demanded.status.code(), Some(1), "{}", said(&demanded));
    let problems = diff("shipped", broken.path(), &[]);
    assert_eq!(problems.status.code(), Some(1), "{}", said(&problems));
    assert!(said(&problems).contains("visit_grund"), "{}", said(&problems));
    assert_eq!(diff("shipped", Path::new("/no/such/folder"), &[]).status.code(), Some(2));
    assert_eq!(diff("shipped", without.path(), &["--fail-on", "anything"]).status.code(), Some(2));
}

/// What people said at the window, in the words no report may show.
const SAID: [&str; 4] = [
    "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收",
    "老人行动不便，能不能派人来家里办一下",
    "屋头实在困难，米都揭不开锅了，想问下临时救助",
    "谢谢你们",
];

/// A ledger in a folder, with what was said taken in.
async fn taken_in(folder: &Path) -> Vec<StoredTicket> {
    let ledger = Arc::new(SqliteLedger::open(&folder.join("youlu.db")).await.unwrap());
    let organisation: Organisation = "default".parse().unwrap();
    let now = "2026-11-20T09:30:00+08:00".parse().unwrap();
    let files = RuleFiles { rules: shipped_rules(), policies: shipped_policies(), origin: "程序自带".to_owned() };
    let running = Running { desktop: shipped_desktop(), files: Arc::new(files), loaded_at: now };
    let desk = Desk::new(running, ledger.clone(), "510411".to_owned());
    desk.keep_rulebook(&organisation).await.unwrap();
    for (n, text) in SAID.iter().enumerate() {
        let mut request = json!({"text": text, "limit": 2 + n});
        if n == 1 {
            request["facts"] = json!({"requested_service": "home-visit"});
            request["on"] = json!("2026-11-18");
        }
        let verbatim = request.to_string();
        let (draft, limit) = reread(&verbatim).unwrap();
        let render = |rulebook: &_, decision: &_| render_decision(rulebook, decision, limit);
        let arrival = Arrival { draft, intake: Intake::default(), verbatim, idempotency: None, key: None };
        desk.take_in(&organisation, arrival, now, render).await.unwrap();
    }
    let page = ledger.tickets(&organisation, &TicketFilter::default(), TicketOrder::Newest, None, 10).await.unwrap();
    let mut tickets = Vec::new();
    for ticket in page.items {
        tickets.push(ledger.ticket(&organisation, ticket.id).await.unwrap().unwrap());
    }
    ledger.close().await;
    tickets
}

#[track_caller]
fn shows_nobodys_words(told: &str, desktop: &Desktop) {
    for text in SAID {
        let words: Vec<char> = text.chars().collect();
        let shown = words.windows(5).map(String::from_iter).find(|part| told.contains(part.as_str()));
        assert_eq!(shown, None, "{told}");
    }
    let ids = desktop.rulebook.vocabulary.names();
    let facts: Vec<&str> = ids.filter(|id| id.contains('_') && told.contains(*id)).collect();
    assert!(facts.is_empty(), "{facts:?} in {told}");
}

#[tokio::test]
async fn tickets_come_out_again_to_the_letter() {
    let folder = tempfile::tempdir().unwrap();
    let tickets = taken_in(folder.path()).await;
    let shipped = shipped_desktop();
    let again = replay(&tickets, |_| Ok::<_, AnswerError>(None), &shipped, WIRE);
    let again = again.unwrap();
    assert_eq!((again.tickets, again.identical, again.unkept), (4, 4, 0));
    assert!(again.holds() && again.comparison.cases == 0, "{again:?}");
}

#[tokio::test]
async fn another_rulebook_is_told_by_ticket_numbers_alone() {
    let folder = tempfile::tempdir().unwrap();
    let tickets = taken_in(folder.path()).await;
    let target = &FEWER_RULES.desktop;
    let told: Replay = replay(&tickets, |_| Ok::<_, AnswerError>(None), target, WIRE).unwrap();
    assert_eq!((told.unkept, told.comparison.cases), (4, 4));
    let visited = &tickets[2];
    assert!(visited.case.as_ref().unwrap().as_str().contains(SAID[1]), "newest first");
    let changed: Vec<&str> = told.comparison.changed.iter().map(|case| case.id.as_str()).collect();
    let number = visited.ticket.number.to_string();
    assert!(changed.contains(&number.as_str()), "{changed:?}");
    let route = &told.comparison.per_route["service.home-visit"];
    assert!(route.contains_key(&Kind::Withdrawn) || route.contains_key(&Kind::OtherRule), "{route:?}");
    for shown in [told.text(9), told.markdown(9), serde_json::to_string(&told).unwrap()] {
        assert!(shown.contains(&number), "{shown}");
        shows_nobodys_words(&shown, target);
    }
}

#[tokio::test]
async fn a_stored_answer_that_does_not_come_out_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut tickets = taken_in(folder.path()).await;
    let answered = tickets[1].decision.take().unwrap();
    let forged = answered.as_str().replacen("needs-confirmation", "applicable", 1);
    assert_ne!(forged, answered.as_str());
    tickets[1].decision = Some(forged.into());
    tickets[3].case = Some("{".into());
    let shipped = shipped_desktop();
    let told = replay(&tickets, |_| Ok::<_, AnswerError>(None), &shipped, WIRE).unwrap();
    assert_eq!(told.identical, 2);
    assert_eq!(told.differing, [tickets[1].ticket.number.to_string()]);
    assert_eq!(told.unreadable, [tickets[3].ticket.number.to_string()]);
    assert!(!told.holds());
}

#[tokio::test]
async fn the_command_replays_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let tickets = taken_in(folder.path()).await;
    let run =
        |more: &[&str]| youlu().args(["rules", "replay", "--data"]).arg(folder.path()).args(more).output().unwrap();
    let all = run(&[]);
    assert_eq!(all.status.code(), Some(0), "{}", said(&all));
    assert!(said(&all).contains("一致 4 张，不一致 0 张"), "{}", said(&all));
    let number = tickets[0].ticket.number.to_string();
    let without = rules_with("service/home-visit.yaml", "本人来不了的，我们登记上门", "我们登记上门");
    // The rulebook at work is another now; the one that decided is in the ledger.
    for flag in ["--against", "--rules"] {
        let one = run(&["--number", &number, flag, without.path().to_str().unwrap(), "--format", "json"]);
        assert_eq!(one.status.code(), Some(0), "{}", said(&one));
        let told: Json = serde_json::from_slice(&one.stdout).unwrap();
        let found = (&told["tickets"], &told["identical"], &told["comparison"]["cases"]);
        assert_eq!(found, (&json!(1), &json!(1), &json!(1)), "{flag}");
    }
    assert_eq!(run(&["--number", "510411-2026-999999"]).status.code(), Some(2));
    assert_eq!(youlu().args(["rules", "replay", "--data", "/no/such/folder"]).output().unwrap().status.code(), Some(2));
}
