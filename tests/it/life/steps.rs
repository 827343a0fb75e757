//! Who has a ticket at each step, and what each step leaves owed.

use super::*;

#[test]
fn the_plain_journey() {
    let mut play = general();
    let step = |play: &mut Play, when: &str, made: Value, now: (&str, &str), owed: &[&str]| {
        play.makes(when, made);
        assert_eq!((play.now(), play.owed()), (now, owed.iter().map(|&line| line.to_owned()).collect()), "{when}");
    };
    assert_eq!(play.now(), ("已登记", WINDOW));
    assert_eq!(play.owed(), ["dispatch-1 办不成事窗口 10-09 10:30", "feedback-1 办不成事窗口 10-12 17:00"]);
    let dispatched =
        ["accept-1 市人社局 10-09 14:30", "answer-1 市人社局 10-12 17:00", "feedback-1 办不成事窗口 10-12 17:00"];
    step(&mut play, "2026-10-09 10:00", self::dispatched(LABOUR), ("已转办", WINDOW), &dispatched);
    let with_them = ["answer-1 市人社局 10-12 17:00", "feedback-1 市人社局 10-12 17:00"];
    step(&mut play, "2026-10-09 14:00", leg("acceptance", 1), ("已签收", LABOUR), &with_them);
    let progress = json!({"kind": "progress", "leg": 1, "told": false});
    step(&mut play, "2026-10-09 15:00", progress, ("办理中", LABOUR), &with_them);
    let answer = json!({"kind": "answer", "leg": 1, "outcome": "solved"});
    let to_relay = ["feedback-1 办不成事窗口 10-12 17:00", "relay-2 办不成事窗口 10-10 11:00"];
    step(&mut play, "2026-10-10 10:00", answer, ("部门已答复", WINDOW), &to_relay);
    step(&mut play, "2026-10-10 10:30", reply("solved"), ("已回复", WINDOW), &["follow-up-1 办不成事窗口 10-14 17:00"]);
    step(&mut play, "2026-10-12 10:00", asked(true), ("已回访", WINDOW), &["close-1 办不成事窗口 10-15 17:00"]);
    step(&mut play, "2026-10-12 10:05", json!({"kind": "closure"}), ("已办结", WINDOW), &[]);
    assert!(play.life.ended.iter().all(|(ended, _)| ended.met), "{:?}", play.life.ended);
    assert!(play.life.breaches.is_empty());
    let again = Life::of(Uuid::nil(), number(), &play.history).unwrap();
    assert_eq!(again, play.life, "the history tells it all");
}

#[test]
fn returned_and_dispatched_elsewhere() {
    let mut play = accepted();
    assert_eq!(play.refused("2026-10-09 10:10", dispatched(HOUSING)), "lead-there");
    play.makes("2026-10-09 10:30", leg("return", 1));
    assert_eq!(play.now(), ("已退回", WINDOW));
    assert_eq!(play.owed(), ["dispatch-2 办不成事窗口 10-09 11:30", "feedback-1 办不成事窗口 10-12 17:00"]);
    assert_eq!(play.refused("2026-10-09 10:31", leg("acceptance", 1)), "no-open-leg");
    play.makes("2026-10-09 11:00", dispatched(HOUSING)).makes("2026-10-09 11:30", leg("acceptance", 2));
    assert_eq!(play.now(), ("已签收", HOUSING));
    play.makes("2026-10-09 13:30", leg("recall", 2));
    assert_eq!(play.now(), ("已退回", WINDOW));
    assert_eq!(play.refused("2026-10-09 13:31", leg("recall", 2)), "no-open-leg");
    assert_eq!(play.refused("2026-10-09 13:31", json!({"kind": "dispatch"})), "missing");
}

#[test]
fn helpers_have_legs_of_their_own() {
    let mut play = general();
    play.makes("2026-10-09 09:40", json!({"kind": "dispatch", "lead": LABOUR, "helpers": [HOUSING]}));
    play.makes("2026-10-09 09:50", leg("acceptance", 2));
    assert_eq!(play.now(), ("已转办", WINDOW), "a helper does not take the ticket");
    play.makes("2026-10-09 10:00", leg("acceptance", 1));
    assert_eq!(play.now(), ("已签收", LABOUR));
    let twice = json!({"kind": "dispatch", "helpers": [HOUSING, LABOUR]});
    assert_eq!(play.refused("2026-10-09 10:00", twice), "twice twice");
    play.makes("2026-10-09 10:10", json!({"kind": "dispatch", "helpers": ["市税务局"]}));
    play.makes("2026-10-09 10:20", json!({"kind": "answer", "leg": 1, "outcome": "solved"}));
    assert_eq!(play.now(), ("部门已答复", WINDOW), "the lead's answer is what the window waits for");
    play.makes("2026-10-09 10:30", json!({"kind": "answer", "leg": 2, "outcome": "explained"}));
    play.makes("2026-10-09 10:30", leg("return", 3));
    assert_eq!(play.now(), ("部门已答复", WINDOW), "helpers may still answer or send back");
    assert_eq!(play.owed(), ["feedback-1 办不成事窗口 10-12 17:00", "relay-2 办不成事窗口 10-09 11:20"]);
}

#[test]
fn the_window_passes_on_what_the_department_said() {
    let mut play = accepted();
    let answer = json!({"kind": "answer", "leg": 1, "outcome": "solved"});
    play.makes("2026-10-09 10:30", with(answer, json!({"answer": "已补办社保卡，\n请来领取。"})));
    let says = |outcome: &str, text: &str| with(reply(outcome), json!({"reply": text}));
    for (outcome, text, refused) in [
        ("solved", "已补办社保卡，请来领取。", false),
        ("solved", "您好！ 已补办 社保卡，请来领取。 谢谢您的耐心。", false),
        ("solved", "已补办社保卡。", true),
        ("explained", "已补办社保卡，请来领取。", true),
    ] {
        let tried = play.tries("2026-10-09 11:00", says(outcome, text));
        assert_eq!(tried.is_err(), refused, "{outcome}: {text}");
    }
    assert_eq!(play.refused("2026-10-09 11:00", says("solved", "办好了")), "missing");
    let reasoned = with(reply("solved"), json!({"reply": "办好了", "difference": "群众不识字，当面说的"}));
    play.makes("2026-10-09 11:00", reasoned);
    assert!(play.life.reply.as_ref().unwrap().differs, "and the record says that it differs");
}

#[test]
fn a_transfer_is_held_until_it_is_taken() {
    let mut play = general();
    let transfer = json!({"kind": "transfer", "direction": "up", "to": "省人社厅", "helper": "赵帮办"});
    let taken = |n: u32| json!({"kind": "transfer-acceptance", "transfer": n, "officer": "钱处"});
    assert_eq!(play.refused("2026-10-09 09:31", taken(1)), "no-transfer");
    play.makes("2026-10-09 09:40", transfer.clone());
    assert_eq!(play.now(), ("已登记", WINDOW), "offered is not taken");
    assert_eq!(play.owed(), ["feedback-1 办不成事窗口 10-12 17:00", "transfer-1 办不成事窗口 10-10 17:00"]);
    for made in [dispatched(LABOUR), reply("solved"), transfer] {
        assert_eq!(play.refused("2026-10-09 09:50", made), "transfer-pending");
    }
    assert_eq!(play.refused("2026-10-09 09:50", taken(2)), "no-such-transfer");
    play.makes("2026-10-09 10:00", taken(1));
    assert_eq!(play.now(), ("已转交", "省人社厅"));
    assert_eq!(play.owed(), ["feedback-1 省人社厅 10-12 17:00", "progress-1 省人社厅 10-15 17:00"]);
    play.makes("2026-10-10 10:00", json!({"kind": "transfer-return", "transfer": 1}));
    assert_eq!(play.now(), ("已退回", WINDOW));
}

#[test]
fn a_clock_gone_back_writes_nothing() {
    let play = accepted();
    let note = json!({"kind": "note"});
    assert_eq!(play.refused("2026-10-09 09:50", note.clone()), "clock-went-back");
    let made = play.tries("2026-10-09 09:59", note).unwrap();
    assert_eq!(
        made[0].at,
        at("2026-10-09 10:00"),
        "a minute's jitter is none, and nothing happens before what happened"
    );
}

#[test]
fn every_wrong_field_is_named_in_chinese() {
    let play = accepted();
    let long = "长".repeat(4001);
    for (made, codes) in [
        (leg("acceptance", 1), "wrong-leg"),
        (leg("return", 9), "no-such-leg"),
        (leg("return", 0), "no-such-leg"),
        (with(leg("return", 1), json!({"reason": "  "})), "missing"),
        (with(leg("return", 1), json!({"reason": null})), "missing"),
        (with(leg("return", 1), json!({"reason": long})), "too-long"),
        (with(leg("return", 1), json!({"opinion": "不同意"})), "unknown"),
        (json!({"kind": "note", "by": " 张 "}), "bad-name"),
        (json!({"kind": "note", "by": ""}), "missing"),
        (json!({"kind": "answer", "leg": 1, "outcome": "withdrawn"}), "not-theirs"),
        (json!({"kind": "meeting", "held_on": "2026-11-01", "departments": []}), "future empty"),
        (json!({"kind": "booking", "service": "appointment", "on": "2026-10-08", "helper": "赵"}), "past"),
        (json!({"kind": "adoption", "taken": []}), "empty"),
        (json!({"kind": "contact"}), "empty"),
        (json!({"kind": "extension", "until": "9999-12-31"}), "too-far"),
        (json!({"kind": "supervision", "addressee": LABOUR, "reply_by": "2027-10-11"}), "too-far"),
        (json!({"kind": "feedback"}), "empty"),
        (json!({"kind": "relief-scan", "offers": []}), "empty"),
        (json!({"kind": "recount", "calendar": "x"}), "not-a-move"),
        (json!({"kind": "erasure"}), "wrong-status"),
        (reply("solved"), "wrong-status"),
    ] {
        assert_eq!(play.refused("2026-10-09 10:30", made.clone()), codes, "{made}");
    }
}

#[test]
fn helpers_outlast_the_lead() {
    let transfer = json!({"kind": "transfer", "direction": "up", "to": "省人社厅", "helper": "赵帮办"});
    let taken = json!({"kind": "transfer-acceptance", "transfer": 1, "officer": "钱处"});
    let solved = |n: u32| json!({"kind": "answer", "leg": n, "outcome": "solved"});
    for (why, status, ends) in [
        ("the lead sent it back", "已退回", vec![leg("return", 1)]),
        ("the lead answered", "部门已答复", vec![leg("acceptance", 1), solved(1)]),
        ("another authority has it", "已转交", vec![leg("return", 1), transfer, taken]),
    ] {
        let mut play = general();
        play.makes("2026-10-09 09:40", json!({"kind": "dispatch", "lead": LABOUR, "helpers": [HOUSING, "市税务局"]}));
        for made in ends {
            play.makes("2026-10-09 10:00", made);
        }
        assert_eq!(play.now().0, status);
        play.makes("2026-10-09 10:10", leg("acceptance", 2)).makes("2026-10-09 10:20", solved(2));
        play.makes("2026-10-09 10:30", leg("recall", 3));
        assert_eq!(play.now().0, status, "{why}: what helpers do changes nothing of that");
        for made in [leg("acceptance", 3), solved(2), leg("return", 3), leg("recall", 3)] {
            assert_eq!(play.refused("2026-10-09 10:40", made), "no-open-leg", "{why}");
        }
    }
}

#[test]
fn who_helps_does_not_lead_as_well() {
    let mut play = general();
    play.makes("2026-10-09 09:40", json!({"kind": "dispatch", "lead": LABOUR, "helpers": [HOUSING]}));
    play.makes("2026-10-09 09:50", leg("return", 1));
    assert_eq!(play.refused("2026-10-09 10:00", dispatched(HOUSING)), "helps", "one department, one leg");
    play.makes("2026-10-09 10:00", leg("recall", 2)).makes("2026-10-09 10:01", dispatched(HOUSING));
    assert_eq!(play.life.lead().unwrap().department, HOUSING);
}
