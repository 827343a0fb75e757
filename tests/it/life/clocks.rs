//! The person's clock and the departments': what moves a date, and what does not.

use super::*;

#[test]
fn more_time_is_asked_for_in_time_and_granted_by_the_days_leader() {
    let until = |day: &str| json!({"kind": "extension", "until": day});
    let decides = |by: &str, approved: bool| json!({"kind": "extension-decision", "extension": 1, "approved": approved, "by": by});
    let mut play = accepted();
    assert_eq!(play.refused("2026-10-09 11:00", until("2026-10-11")), "day-off not-later");
    assert_eq!(play.refused("2026-10-09 11:00", until("2026-10-12")), "not-later");
    assert_eq!(play.refused("2026-10-12 17:01", until("2026-10-16")), "extension-too-late");
    assert_eq!(play.refused("2026-10-09 11:00", decides(LEADER, true)), "no-extension");
    play.makes("2026-10-09 11:00", until("2026-10-16"));
    assert_eq!(play.refused("2026-10-09 11:01", until("2026-10-15")), "extension-pending");
    assert_eq!(play.refused("2026-10-09 11:01", decides(CLERK, true)), "not-duty-leader own-extension");
    assert_eq!(play.refused("2026-10-12 11:00", decides(LEADER, true)), "no-duty-leader", "nobody is on the roster");
    assert_eq!(play.refused("2026-10-13 11:00", decides(LEADER, true)), "too-late");
    play.makes("2026-10-10 09:00", decides(LEADER, true));
    assert_eq!(play.due_dates(), [("10-12 17:00".to_owned(), "登记"), ("10-16 17:00".to_owned(), "延期审批")]);
    assert_eq!(play.owed(), ["answer-1 市人社局 10-16 17:00", "feedback-1 市人社局 10-16 17:00"]);
    let same = json!({"kind": "classification", "complexity": "general"});
    play.makes("2026-10-10 09:10", same);
    assert_eq!(play.owed()[1], "feedback-1 市人社局 10-16 17:00", "naming the same complexity again moves nothing");
    assert!(recount(&play.life, CLERK, at("2026-10-10 09:20"), &play.setting()).unwrap().is_none());

    let mut own = accepted();
    own.makes("2026-10-09 11:00", json!({"kind": "extension", "until": "2026-10-16", "by": LEADER}));
    assert_eq!(own.refused("2026-10-09 11:01", decides(LEADER, true)), "own-extension");
}

#[test]
fn how_hard_it_is_can_be_seen_anew_before_it_is_due() {
    let harder = json!({"kind": "classification", "complexity": "complex"});
    let reasoned = with(harder.clone(), json!({"reason": "涉及三个部门"}));
    let mut play = general();
    assert_eq!(play.refused("2026-10-09 10:00", harder), "missing");
    assert_eq!(play.refused("2026-10-12 17:01", reasoned.clone()), "too-late");
    assert_eq!(play.refused("2026-10-09 10:00", json!({"kind": "classification"})), "empty");
    play.makes("2026-10-09 10:00", reasoned);
    assert_eq!(play.due_dates(), [("10-12 17:00".to_owned(), "登记"), ("10-15 17:00".to_owned(), "分类")]);
    play.makes("2026-10-10 10:00", json!({"kind": "progress", "told": true}));
    let back = with(json!({"kind": "classification", "complexity": "simple"}), json!({"reason": "其实简单"}));
    assert_eq!(play.refused("2026-10-10 10:01", back), "too-late", "the person was told already");
}

#[test]
fn complex_cases_are_reported_on_until_the_person_has_a_reply() {
    let progress = |told: bool| json!({"kind": "progress", "told": told});
    let mut play = Play::begin(Complexity::Complex, "2026-10-09 09:30");
    play.makes("2026-10-09 09:40", dispatched(LABOUR)).makes("2026-10-09 10:00", leg("acceptance", 1));
    play.makes("2026-10-12 10:00", progress(false));
    assert_eq!(
        play.owed(),
        ["answer-1 市人社局 10-15 17:00", "feedback-1 市人社局 10-15 17:00"],
        "nobody told the person"
    );
    play.makes("2026-10-14 10:00", progress(true));
    assert_eq!(play.owed(), ["answer-1 市人社局 10-15 17:00", "progress-2 市人社局 10-21 17:00"]);
    play.makes("2026-10-20 10:00", progress(true));
    assert_eq!(play.owed(), ["answer-1 市人社局 10-15 17:00", "progress-3 市人社局 10-27 17:00"]);
    let breached: Vec<String> = play.life.breaches.iter().map(|(key, ..)| key.to_string()).collect();
    assert_eq!(breached, ["answer-1"], "the department's clock is its own");
}

#[test]
fn what_another_authority_decides_is_handed_over() {
    let mut play = Play::begin(Complexity::OutOfJurisdiction, "2026-10-09 09:30");
    assert_eq!(play.owed(), ["dispatch-1 办不成事窗口 10-09 10:30", "hand-over-1 办不成事窗口 10-10 17:00"]);
    assert_eq!(
        play.refused("2026-10-09 09:31", json!({"kind": "extension", "until": "2026-10-16"})),
        "nothing-to-extend"
    );
    assert_eq!(play.refused("2026-10-09 09:31", reply("handed-over")), "not-handed-over");
    play.makes(
        "2026-10-09 09:40",
        json!({"kind": "transfer", "direction": "outside", "to": "市法院", "helper": "赵帮办"}),
    );
    play.makes("2026-10-10 10:00", json!({"kind": "transfer-acceptance", "transfer": 1, "officer": "孙法官"}));
    assert_eq!(play.owed(), ["progress-1 市法院 10-16 17:00"]);
    play.makes("2026-10-16 10:00", json!({"kind": "transfer-return", "transfer": 1}));
    assert_eq!(
        play.owed(),
        ["dispatch-2 办不成事窗口 10-16 11:00", "progress-1 办不成事窗口 10-16 17:00"],
        "handed over once, the person is told of progress; neither clock begins again"
    );
    assert!(play.life.breaches.is_empty(), "it had been handed over in time");
}

#[test]
fn how_hard_it_is_sets_the_departments_clock_too() {
    let seen = |complexity: &str| {
        with(json!({"kind": "classification", "complexity": complexity}), json!({"reason": "重新看过"}))
    };
    let mut play = general();
    play.makes("2026-10-09 09:40", dispatched(LABOUR)).makes("2026-10-10 09:00", leg("acceptance", 1));
    play.makes("2026-10-10 09:30", seen("complex"));
    assert_eq!(play.owed(), ["answer-1 市人社局 10-15 17:00", "feedback-1 市人社局 10-15 17:00"]);
    play.makes("2026-10-10 09:40", seen("general"));
    assert_eq!(play.owed(), ["answer-1 市人社局 10-12 17:00", "feedback-1 市人社局 10-12 17:00"]);

    let mut play = general();
    play.makes("2026-10-09 09:40", json!({"kind": "extension", "until": "2026-10-16"}));
    play.makes("2026-10-09 09:50", seen("out-of-jurisdiction"));
    assert_eq!(
        play.owed(),
        [
            "dispatch-1 办不成事窗口 10-09 10:30",
            "extension-1 值班长 10-10 17:00",
            "hand-over-1 办不成事窗口 10-10 17:00"
        ]
    );
    let decides =
        |approved: bool| json!({"kind": "extension-decision", "extension": 1, "approved": approved, "by": LEADER});
    assert_eq!(
        play.refused("2026-10-09 10:00", decides(true)),
        "nothing-to-extend",
        "what is another's is handed over"
    );
    play.makes("2026-10-09 10:00", decides(false));
}

#[test]
fn handed_over_and_back_no_clock_begins_again() {
    let transfer = json!({"kind": "transfer", "direction": "up", "to": "省人社厅", "helper": "赵帮办"});
    let taken = |n: u32| json!({"kind": "transfer-acceptance", "transfer": n, "officer": "钱处"});
    let back = |n: u32| json!({"kind": "transfer-return", "transfer": n});
    let mut play = Play::begin(Complexity::OutOfJurisdiction, "2026-10-09 09:30");
    play.makes("2026-10-09 09:40", transfer.clone()).makes("2026-10-09 09:50", back(1));
    assert_eq!(play.owed()[1], "hand-over-1 办不成事窗口 10-10 17:00", "refused, it is still to be handed over");
    play.makes("2026-10-09 10:00", transfer.clone()).makes("2026-10-09 11:00", taken(2));
    for (n, day) in [(2, "2026-10-12"), (3, "2026-10-13")] {
        assert_eq!(play.owed(), ["progress-1 省人社厅 10-15 17:00"]);
        play.makes(&format!("{day} 09:10"), back(n));
        assert!(play.owed().contains(&"progress-1 办不成事窗口 10-15 17:00".to_owned()), "{:?}", play.owed());
        play.makes(&format!("{day} 09:20"), transfer.clone()).makes(&format!("{day} 09:30"), taken(n + 1));
    }
    assert!(play.life.breaches.is_empty(), "it had been handed over in time");
    assert!(play.ended().contains(&"hand-over-1 done".to_owned()));
    play.makes("2026-10-14 09:00", json!({"kind": "progress", "told": true}));
    assert_eq!(play.owed(), ["progress-2 省人社厅 10-21 17:00"]);
    play.makes("2026-10-14 09:10", reply("handed-over"));
    play.makes("2026-10-14 09:20", json!({"kind": "reopening", "asked_by": "person"}));
    assert_eq!(play.owed()[1], "hand-over-2 办不成事窗口 10-15 17:00", "a round of its own");
    play.makes("2026-10-14 09:30", transfer.clone()).makes("2026-10-14 09:40", taken(5));
    assert_eq!(play.owed(), ["progress-3 省人社厅 10-21 17:00"], "another duty, not the old one begun again");
}

#[test]
fn a_newly_published_day_off_moves_what_it_touches() {
    let mut play = general();
    play.makes("2026-10-10 09:00", dispatched(LABOUR)).makes("2026-10-10 10:00", leg("acceptance", 1));
    let cut = ["answer-1 市人社局 10-12 17:00", "feedback-1 市人社局 10-12 17:00"];
    assert_eq!(play.owed(), cut, "the leg has two days of its own, and one is left of the person's");
    assert!(play.recounts("2026-10-10 10:10", "2026-2", None));
    assert_eq!((play.owed(), play.life.calendar.as_str()), (cut.map(str::to_owned).into(), "2026-2"));
    assert_eq!(play.due_dates().len(), 1, "a date that stays is no new date");
    assert!(play.recounts("2026-10-10 10:20", "2026-3", Some("2026-10-12")));
    assert_eq!(play.owed(), ["answer-1 市人社局 10-13 17:00", "feedback-1 市人社局 10-13 17:00"]);
    assert_eq!(play.due_dates(), [("10-12 17:00".to_owned(), "登记"), ("10-13 17:00".to_owned(), "重算期限")]);
    assert!(play.recounts("2026-10-10 10:30", "2026-4", None), "and back, when the notice is withdrawn");
    assert_eq!(play.owed(), cut);
}

#[test]
fn a_promise_that_was_kept_still_binds_the_leg_it_cut() {
    let mut play = Play::begin(Complexity::Complex, "2026-10-09 09:30");
    play.makes("2026-10-10 09:00", dispatched(LABOUR)).makes("2026-10-10 10:00", leg("acceptance", 1));
    play.makes("2026-10-14 10:00", json!({"kind": "progress", "told": true}));
    let owed = ["answer-1 市人社局 10-15 17:00", "progress-2 市人社局 10-21 17:00"];
    assert_eq!(play.owed(), owed);
    play.recounts("2026-10-14 10:10", "2026-2", Some("2026-11-02"));
    assert_eq!(play.owed(), owed, "a day off next month moves nothing");
    play.recounts("2026-10-14 10:20", "2026-3", Some("2026-10-16"));
    assert_eq!(play.owed(), ["answer-1 市人社局 10-15 17:00", "progress-2 市人社局 10-22 17:00"]);
}

#[test]
fn a_date_that_was_set_never_ends_on_a_day_off() {
    let mut play = accepted();
    play.makes("2026-10-09 11:00", json!({"kind": "extension", "until": "2026-10-16"}));
    let granted = json!({"kind": "extension-decision", "extension": 1, "approved": true, "by": LEADER});
    play.makes("2026-10-09 11:10", granted);
    play.makes("2026-10-09 11:20", json!({"kind": "supervision", "addressee": LABOUR, "reply_by": "2026-10-16"}));
    play.recounts("2026-10-10 10:00", "2026-2", Some("2026-10-16"));
    let moved =
        ["answer-1 市人社局 10-19 17:00", "feedback-1 市人社局 10-19 17:00", "supervision-1 市人社局 10-19 17:00"];
    assert_eq!(play.owed(), moved, "the next day worked");
}

#[test]
fn what_is_late_is_late_once() {
    for (when, due, why) in [
        ("2026-10-13 10:00", "10-13 17:00", "by the new calendar there is still time"),
        ("2026-10-14 10:00", "10-12 17:00", "late by either calendar: the date on record stays"),
    ] {
        let mut play = general();
        play.waits(when);
        assert!(play.recounts(when, "2026-2", Some("2026-10-12")) == (due == "10-13 17:00"), "{why}");
        assert_eq!(told(play.life.theirs().unwrap().due), due, "{why}");
        play.waits(when);
        let late = play.life.breaches.iter().filter(|(key, ..)| key.to_string() == "feedback-1").count();
        assert_eq!(late, 1, "{why}");
    }
}
