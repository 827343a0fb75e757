//! Which earlier tickets are the same trouble, and which are not. All people and cases are made up.

use std::sync::LazyLock;

use chrono::NaiveDate;
use proptest::prelude::*;
use uuid::Uuid;
use youlu::index::similar::{Agreement, Compared, Earlier, Probe, SIMILAR, Similar, SimilarTickets, figure};

use crate::shipped_desktop;

const FOOD: &str = "食品经营许可";
const PENSION: &str = "退休审批";
const PROPERTY: &str = "不动产转移登记";
const RIGID: &str = "rigid-interpretation";
const RUDE: &str = "poor-service";
const PAPERS: &str = "incomplete-materials";
const MARKET: &str = "市场监管局";
const SOCIAL: &str = "人社局";

const NOODLES: &str = "我在东区盘了间面馆，食品经营许可证跑了三回，窗口非要房东的房产证原件，房东在成都来不了，\
                       复印件加他签字都不认";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn known(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

/// A ticket with item, cause and department, each empty when not known.
fn ticket(text: &str, [item, cause, department]: [&str; 3]) -> Earlier {
    Earlier {
        id: Uuid::now_v7(),
        organisation: "panzhihua".to_owned(),
        text: text.to_owned(),
        item: known(item),
        cause: known(cause),
        department: known(department),
        received_on: day("2026-09-01"),
    }
}

/// What would be asked when such a ticket came in today.
fn probe(text: &str, known_of_it: [&str; 3]) -> Probe {
    let Earlier { organisation, text, item, cause, department, .. } = ticket(text, known_of_it);
    let (received_on, since) = (day("2026-11-20"), day("2026-01-01"));
    Probe { organisation, text, item, cause, department, received_on, since }
}

fn no_tickets() -> SimilarTickets {
    SimilarTickets::new(&shipped_desktop().index).unwrap()
}

fn with(tickets: &[Earlier]) -> SimilarTickets {
    let similar = no_tickets();
    similar.put_all(tickets).unwrap();
    similar
}

fn ids(found: &[Similar]) -> Vec<Uuid> {
    found.iter().map(|one| one.id).collect()
}

/// Everything the window took in before.
static BEFORE: LazyLock<Vec<(&str, Earlier)>> = LazyLock::new(|| {
    vec![
        ("noodles", ticket(NOODLES, [FOOD, RIGID, MARKET])),
        ("slow", ticket("食品证交了二十八天没得消息，打电话就说在走流程", [FOOD, RUDE, MARKET])),
        (
            "pension",
            ticket(
                "我爸退休，档案上的生日跟身份证差两岁，喊我们回原厂开证明，厂2003年就没得了",
                [PENSION, RIGID, SOCIAL],
            ),
        ),
        ("noon", ticket("医保窗口中午没人，等了一个半小时，牌子上写着不休息", ["", RUDE, ""])),
        ("allowance", ticket("户口从盐边迁到仁和，残疾人补贴两边都说不归自己管，断了四个月", ["", "", ""])),
        ("down", ticket("不动产登记的系统又崩了，白等一上午，没有一个人出来说一声", [PROPERTY, RUDE, "自然资源局"])),
        ("licence", ticket("个体户注销，税务说有一笔罚款没缴，可是我缴过了有凭证", ["", "", "税务局"])),
        ("polite", ticket("您好，请问这件事怎么办，我跑了好几趟都没办成，麻烦你们帮帮忙，谢谢", ["", "", ""])),
    ]
});

#[track_caller]
fn check(text: &str, known_of_it: [&str; 3], expected: &[&str], why: &str) {
    let tickets: Vec<Earlier> = BEFORE.iter().map(|(_, ticket)| ticket.clone()).collect();
    let found = with(&tickets).find(&probe(text, known_of_it), 10).unwrap();
    let name = |id: Uuid| BEFORE.iter().find(|(_, ticket)| ticket.id == id).unwrap().0;
    let names: Vec<&str> = found.iter().map(|one| name(one.id)).collect();
    assert_eq!(names, expected, "{text}: {why}\n{found:#?}");
}

#[test]
fn the_same_trouble_is_found() {
    let retold = "面馆办食品经营许可证跑了三回了，窗口还是非要房东的房产证原件，房东在成都回不来，签字的复印件不认";
    let elsewhere = "开奶茶店，租的门面，房东人在国外，窗口说没有产权证原件不收";
    let table: [(&str, [&str; 3], &[&str], &str); 12] = [
        (NOODLES, ["", "", ""], &["noodles"], "the very same words, nothing else known"),
        (retold, ["", "", ""], &["noodles"], "the same words in another order"),
        (retold, [PENSION, PAPERS, SOCIAL], &["noodles"], "whatever the clerk ticked"),
        (elsewhere, [FOOD, RIGID, MARKET], &["noodles"], "hardly a word the same, but item, cause and department"),
        (elsewhere, [FOOD, RIGID, ""], &["noodles"], "the department is not known yet"),
        (elsewhere, [FOOD, "", MARKET], &["noodles", "slow"], "nobody knows the cause yet"),
        ("残疾补贴断了四个月，迁户口到仁和以后，盐边和仁和两边都说不归自己管", ["", "", ""], &["allowance"], "retold"),
        ("牌子写中午不休息，医保那个窗口等了一个多小时没有人", ["", RUDE, ""], &["noon"], "retold, and the cause"),
        ("不动产登记系统崩了，等了一上午，没有人出来说一声", ["", RUDE, ""], &["down"], "retold, and the cause"),
        ("不动产登记系统崩了，等了一上午", [PROPERTY, "", ""], &["down"], "in short, and the item"),
        ("税务说我罚款没缴不给注销个体户，我明明缴了，凭证在手上", ["", "", "税务局"], &["licence"], "from the end"),
        (
            "個體戶註銷，稅務說有一筆罰款沒繳，可是我繳過了有憑證",
            ["", "", ""],
            &["licence"],
            "in traditional characters",
        ),
    ];
    for (text, known_of_it, expected, why) in table {
        check(text, known_of_it, expected, why);
    }
}

#[test]
fn another_trouble_is_not() {
    let table = [
        ("您好，麻烦问一下，谢谢你们，辛苦了", ["", "", ""], "courtesies"),
        (
            "您好，请问我的事怎么办，我跑了好几趟都没有办成，麻烦你们帮帮忙，谢谢了",
            ["", "", ""],
            "small talk, however alike",
        ),
        ("您好，请问我的事怎么办，跑了好几趟都没办成", ["", RUDE, MARKET], "small talk, cause and department"),
        ("卤肉店的食品经营许可，健康证后天才拿得到", [FOOD, PAPERS, ""], "the same item for another cause"),
        ("食品经营许可可以网上办吗", [FOOD, "", ""], "the item alone"),
        ("烟草证要量学校的距离，差三米不给办", ["", RIGID, MARKET], "cause and department alone"),
        ("想把我爸的房子过户给我，要哪些材料", [PROPERTY, "", ""], "the item alone, other words"),
        ("残疾人补贴一个月有好多钱", ["", "", ""], "a word in common"),
        ("", ["", "", ""], "nothing said and nothing known"),
        ("13800000000 510411199001010011", ["", "", ""], "numbers are not kept"),
    ];
    for (text, known_of_it, why) in table {
        check(text, known_of_it, &[], why);
    }
}

#[test]
fn the_figure_is_what_is_said_of_it() {
    use Compared::{Different as Other, Same, Unknown as Dark};
    let table = [
        ([Same, Same, Same], 0, 75, "all three"),
        ([Same, Same, Dark], 0, 55, "item and cause"),
        ([Same, Dark, Same], 0, 60, "item and department"),
        ([Same, Dark, Dark], 0, 40, "the item alone is not enough"),
        ([Dark, Same, Same], 0, 35, "nor is the rest without it"),
        ([Same, Other, Same], 0, 45, "nor all but a cause that differs"),
        ([Same, Same, Other], 0, 40, "or a department that differs"),
        ([Same, Other, Same], 10, 51, "unless the words add to it"),
        ([Dark, Same, Same], 24, 51, "here too"),
        ([Dark, Dark, Dark], 49, 49, "the words alone are what they are"),
        ([Other, Other, Other], 80, 80, "nothing less than no agreement"),
        ([Same, Same, Same], 100, 100, "all"),
        ([Dark, Dark, Dark], 255, 100, "never more than all"),
    ];
    for ([item, cause, department], words, expected, why) in table {
        assert_eq!(figure(Agreement { item, cause, department }, words), expected, "{why}");
    }
}

#[test]
fn what_is_found_says_in_what_it_agrees() {
    let earlier = ticket(NOODLES, [FOOD, RIGID, MARKET]);
    let found = with(std::slice::from_ref(&earlier)).find(&probe(NOODLES, [FOOD, PAPERS, ""]), 10).unwrap();
    let expected = Similar {
        id: earlier.id,
        received_on: earlier.received_on,
        score: 100,
        same_item: true,
        same_cause: false,
        same_department: false,
        text_likeness: 100,
    };
    assert_eq!(found, [expected]);
}

#[test]
fn organisations_never_see_each_other() {
    let theirs = Earlier { organisation: "yanbian".to_owned(), ..ticket(NOODLES, [FOOD, RIGID, MARKET]) };
    let ours = ticket(NOODLES, [FOOD, RIGID, MARKET]);
    let similar = with(&[theirs.clone(), ours.clone()]);
    let asked = probe(NOODLES, [FOOD, RIGID, MARKET]);
    assert_eq!(ids(&similar.find(&asked, 10).unwrap()), [ours.id]);
    let asked = Probe { organisation: "yanbian".to_owned(), ..asked };
    assert_eq!(ids(&similar.find(&asked, 10).unwrap()), [theirs.id]);
    let asked = Probe { organisation: "miyi".to_owned(), ..asked };
    assert!(similar.find(&asked, 10).unwrap().is_empty());
}

#[test]
fn only_earlier_tickets_of_the_days_asked_for_are_found() {
    let on = |date: &str| Earlier { received_on: day(date), ..ticket(NOODLES, ["", "", ""]) };
    let (before, first, last, after) = (on("2025-12-31"), on("2026-01-01"), on("2026-11-20"), on("2026-11-21"));
    let similar = with(&[before, first.clone(), last.clone(), after]);
    let found = similar.find(&probe(NOODLES, ["", "", ""]), 10).unwrap();
    assert_eq!(ids(&found), [last.id, first.id], "of equals the later first");
    let found = similar.find(&probe(NOODLES, ["", "", ""]), 1).unwrap();
    assert_eq!(ids(&found), [last.id], "no more than asked for");
    assert!(similar.find(&probe(NOODLES, ["", "", ""]), 0).unwrap().is_empty());
}

#[test]
fn the_likest_comes_first() {
    let alike = ticket("食品经营许可证跑了三回，窗口非要房东的房产证原件，房东在成都", ["", "", ""]);
    let (same, retold) = (ticket(NOODLES, [FOOD, RIGID, MARKET]), ticket(NOODLES, ["", "", ""]));
    let other = ticket("不动产登记系统崩了，等了一上午", [FOOD, RIGID, MARKET]);
    let similar = with(&[other.clone(), alike.clone(), retold.clone(), same.clone()]);
    let found =
        similar.find(&probe("食品许可窗口非要房东的房产证原件，房东在成都来不了", [FOOD, RIGID, MARKET]), 10).unwrap();
    assert_eq!(found.first().map(|one| one.id), Some(same.id), "{found:#?}");
    assert_eq!(found.iter().find(|one| one.id == other.id).unwrap().text_likeness, 0);
    assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score), "{found:#?}");
}

#[test]
fn what_is_learned_later_replaces_what_was_known() {
    let unknown = ticket("东西不收", ["", "", ""]);
    let similar = with(std::slice::from_ref(&unknown));
    let asked = probe("材料退回来了", [FOOD, RIGID, ""]);
    assert!(similar.find(&asked, 10).unwrap().is_empty());
    similar.put(&Earlier { item: known(FOOD), cause: known(RIGID), ..unknown.clone() }).unwrap();
    assert_eq!(ids(&similar.find(&asked, 10).unwrap()), [unknown.id], "and once only");
    similar.remove(unknown.id);
    assert!(similar.find(&asked, 10).unwrap().is_empty());
    similar.remove(unknown.id);
    similar.put(&unknown).unwrap();
    assert!(similar.find(&asked, 10).unwrap().is_empty(), "what was known before it was taken out is gone");
}

#[test]
fn a_figure_does_not_change_because_others_came_in() {
    let earlier = ticket(NOODLES, ["", "", ""]);
    let similar = with(std::slice::from_ref(&earlier));
    let asked = probe("食品许可窗口非要房东的房产证原件，房东在成都来不了", [FOOD, "", ""]);
    let alone = similar.find(&asked, 10).unwrap();
    let texts = &shipped_desktop().rulebook.texts;
    let crowd: Vec<Earlier> = texts.iter().take(2000).map(|taught| ticket(&taught.text, ["", "", ""])).collect();
    similar.put_all(&crowd).unwrap();
    let among_many = similar.find(&asked, 2001).unwrap();
    assert_eq!(among_many.iter().find(|one| one.id == earlier.id), alone.first());
}

#[test]
fn few_of_the_taught_texts_are_taken_for_one_another() {
    // They were written to be different cases; those that are found are the same trouble told twice.
    let texts = &shipped_desktop().rulebook.texts;
    let all: Vec<Earlier> = texts.iter().map(|taught| ticket(&taught.text, ["", "", ""])).collect();
    let similar = with(&all);
    let sample: Vec<&Earlier> = all.iter().step_by(7).collect();
    let found: usize = sample
        .iter()
        .map(|asked| {
            let found = similar.find(&probe(&asked.text, ["", "", ""]), 10).unwrap();
            found.iter().filter(|one| one.id != asked.id).count()
        })
        .sum();
    println!("{found} of {} texts have their like", sample.len());
    assert!(found * 100 <= sample.len(), "{found} of {}", sample.len());
}

#[test]
fn many_may_ask_and_put_at_once() {
    let similar = no_tickets();
    let texts = &shipped_desktop().rulebook.texts;
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let similar = &similar;
            scope.spawn(move || {
                for taught in texts.iter().skip(writer * 25).take(25) {
                    let one = ticket(&taught.text, [FOOD, RIGID, MARKET]);
                    similar.put(&one).unwrap();
                    let found = similar.find(&probe(&taught.text, [FOOD, RIGID, MARKET]), 1000).unwrap();
                    assert!(ids(&found).contains(&one.id), "what was put is found");
                }
            });
        }
    });
    assert_eq!(similar.find(&probe("", [FOOD, RIGID, MARKET]), 1000).unwrap().len(), 100);
}

#[test]
fn nobody_s_words_are_shown() {
    let earlier = ticket("某人的话", [FOOD, RIGID, MARKET]);
    let asked = probe("某人的话", [FOOD, RIGID, MARKET]);
    let shown = format!("{earlier:?} {asked:?} {:?}", with(std::slice::from_ref(&earlier)));
    assert!(!shown.contains("某人"), "{shown}");
}

/// Words as people might string them together.
fn any_text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "食品",
        "许可证",
        "房产证",
        "房东",
        "您好",
        "窗口",
        "健康证",
        "不认",
        "13912345678",
        "ABC",
        "，",
        "補貼",
        "！",
        "\n",
        "的",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
}

fn any_known() -> impl Strategy<Value = [&'static str; 3]> {
    let one = |some: &'static str, other: &'static str| prop::sample::select(vec!["", some, other]);
    (one(FOOD, PENSION), one(RIGID, RUDE), one(MARKET, SOCIAL))
        .prop_map(|(item, cause, department)| [item, cause, department])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_figure_is_what_the_formula_gives(
        tickets in prop::collection::vec((any_text(), any_known()), 1..12),
        text in any_text(),
        known_of_it in any_known(),
    ) {
        let tickets: Vec<Earlier> = tickets.iter().map(|(text, known_of_it)| ticket(text, *known_of_it)).collect();
        let asked = probe(&text, known_of_it);
        let found = with(&tickets).find(&asked, 100).unwrap();
        for one in &tickets {
            let compare = |mine: &Option<String>, theirs: &Option<String>| match (mine, theirs) {
                (Some(mine), Some(theirs)) if mine == theirs => Compared::Same,
                (Some(_), Some(_)) => Compared::Different,
                _ => Compared::Unknown,
            };
            let agreement = Agreement {
                item: compare(&asked.item, &one.item),
                cause: compare(&asked.cause, &one.cause),
                department: compare(&asked.department, &one.department),
            };
            match found.iter().find(|similar| similar.id == one.id) {
                Some(similar) => {
                    prop_assert!(similar.score >= SIMILAR);
                    prop_assert_eq!(similar.score, figure(agreement, similar.text_likeness));
                    prop_assert_eq!(similar.same_item, agreement.item == Compared::Same);
                    prop_assert_eq!(similar.same_cause, agreement.cause == Compared::Same);
                    prop_assert_eq!(similar.same_department, agreement.department == Compared::Same);
                }
                None => prop_assert!(figure(agreement, 0) < SIMILAR, "found by what is known alone"),
            }
        }
    }

    #[test]
    fn likeness_goes_both_ways(one in any_text(), other in any_text()) {
        // Agreement brings both over the bar, whatever the words.
        let known_of_it = [FOOD, RIGID, MARKET];
        let there = with(&[ticket(&one, known_of_it)]).find(&probe(&other, known_of_it), 1).unwrap();
        let back = with(&[ticket(&other, known_of_it)]).find(&probe(&one, known_of_it), 1).unwrap();
        prop_assert_eq!(there[0].text_likeness, back[0].text_likeness);
    }
}
