//! What must have been done before a person is told no, and before a ticket is closed; and how it is taken up again.

use super::*;

#[test]
fn nothing_is_closed_before_the_person_was_asked() {
    let mut play = general();
    let (close, missed) =
        (json!({"kind": "closure"}), json!({"kind": "follow-up", "reached": false, "channel": "phone"}));
    assert_eq!(play.refused("2026-10-09 09:35", close.clone()), "wrong-status");
    play.makes("2026-10-09 09:40", reply("explained"));
    for day in ["2026-10-09 10:00", "2026-10-09 11:00", "2026-10-09 14:00"] {
        assert_eq!(play.refused(day, close.clone()), "no-follow-up");
        play.makes(day, missed.clone());
    }
    play.makes("2026-10-09 14:01", close.clone());
    assert_eq!(play.now(), ("已办结", WINDOW));

    let mut play = general();
    play.makes("2026-10-09 09:40", reply("explained")).makes("2026-10-09 10:00", asked(false));
    assert_eq!(play.refused("2026-10-09 10:01", close.clone()), "missing", "unsettled: why close?");
    play.makes("2026-10-09 10:02", json!({"kind": "reopening", "asked_by": "person"}));
    play.makes("2026-10-09 10:20", reply("solved"));
    for _ in 0..3 {
        play.makes("2026-10-09 10:30", missed.clone());
    }
    play.makes("2026-10-09 10:40", close);
    assert_eq!(play.now(), ("已办结", WINDOW), "what they said the time before does not count any more");
}

#[test]
fn cannot_is_the_last_word() {
    let weighed = |usable: bool| {
        let all =
            ["notify-commit-certificate", "notify-commit-construction", "self-declaration", "tolerant-acceptance"];
        let measures: Vec<Value> =
            all.iter().map(|id| json!({"measure": id, "usable": usable && *id == "tolerant-acceptance"})).collect();
        json!({"kind": "assessment", "assessor": "王首席", "measures": measures})
    };
    let mut cannot = reply("cannot");
    let mut play = general();
    assert_eq!(
        play.refused("2026-10-09 09:31", cannot.clone()),
        "no-assessment no-relief-scan no-explanation missing",
        "every flaw at once"
    );
    play.makes("2026-10-09 09:32", weighed(true));
    assert_eq!(
        play.refused("2026-10-09 09:33", cannot.clone()),
        "measure-usable no-relief-scan no-explanation missing"
    );
    play.makes("2026-10-09 09:34", weighed(false));
    play.makes("2026-10-09 09:35", json!({"kind": "relief-scan", "offers": [{"route": "aid", "result": "declined"}]}));
    assert_eq!(play.refused("2026-10-09 09:36", cannot.clone()), "no-explanation missing");
    play.makes("2026-10-09 09:37", json!({"kind": "explanation", "reaction": "not-accepted"}));
    assert_eq!(play.refused("2026-10-09 09:38", cannot.clone()), "missing", "which clause says so?");
    cannot["clause"] = "第三条".into();
    play.makes("2026-10-09 09:39", cannot);
    assert_eq!(play.now(), ("已回复", WINDOW));
    let half = json!({"kind": "assessment", "assessor": "王首席", "measures": []});
    assert_eq!(general().refused("2026-10-09 09:31", half), "missing missing missing missing");
}

#[test]
fn a_supervision_is_answered_before_closing() {
    let urges = |day: &str| json!({"kind": "supervision", "addressee": LABOUR, "reply_by": day});
    let mut play = general();
    assert_eq!(play.refused("2026-10-09 18:00", urges("2026-10-09")), "too-early");
    assert_eq!(play.refused("2026-10-09 18:00", urges("2026-10-11")), "day-off");
    play.makes("2026-10-09 09:40", urges("2026-10-14"));
    assert!(play.owed().contains(&"supervision-1 市人社局 10-14 17:00".to_owned()));
    play.makes("2026-10-09 09:50", reply("solved")).makes("2026-10-09 10:00", asked(true));
    assert_eq!(play.refused("2026-10-09 10:01", json!({"kind": "closure"})), "supervision-open");
    play.makes("2026-10-09 10:02", json!({"kind": "supervision-reply", "supervision": 1}));
    assert_eq!(
        play.refused("2026-10-09 10:03", json!({"kind": "supervision-reply", "supervision": 1})),
        "no-supervision"
    );
    let booking = json!({"kind": "booking", "service": "home-visit", "on": "2026-10-10", "helper": "赵帮办"});
    play.makes("2026-10-09 10:04", booking);
    assert_eq!(play.refused("2026-10-09 10:05", json!({"kind": "closure"})), "booking-open");
    play.makes("2026-10-10 10:00", json!({"kind": "booking-outcome", "booking": 1, "done": true}));
    play.makes("2026-10-10 10:01", json!({"kind": "closure"}));
}

#[test]
fn taken_up_again_the_first_promise_stays() {
    let mut play = general();
    play.makes("2026-10-09 09:40", reply("solved")).makes("2026-10-09 10:00", asked(true));
    play.makes("2026-10-09 10:01", json!({"kind": "closure"}));
    assert_eq!(play.refused("2026-10-09 10:02", reply("solved")), "wrong-status");
    play.makes("2026-10-13 10:00", json!({"kind": "reopening", "asked_by": "person"}));
    assert_eq!((play.now(), play.life.round, play.life.closed_at), (("重办", WINDOW), 2, None));
    assert_eq!(play.due_dates(), [("10-12 17:00".to_owned(), "登记"), ("10-15 17:00".to_owned(), "重办")]);
    assert_eq!(play.life.received_at, at("2026-10-09 09:30"));
    let ticket = play.life.ticket();
    assert_eq!((ticket.reopened, ticket.late), (1, false), "it was answered in time the first time");
    assert_eq!(play.refused("2026-10-13 10:01", json!({"kind": "reopening", "asked_by": "person"})), "wrong-status");
}

#[test]
fn asking_afterwards_counts_as_done_only_when_it_was() {
    let again = json!({"kind": "reopening", "asked_by": "supervisor"});
    let mut play = general();
    play.makes("2026-10-09 09:40", reply("solved")).makes("2026-10-09 09:50", again.clone());
    play.makes("2026-10-09 10:00", reply("solved")).makes("2026-10-09 10:10", asked(false));
    play.makes("2026-10-09 10:20", again);
    play.makes("2026-10-09 10:30", reply("solved")).makes("2026-10-09 10:40", asked(true));
    play.makes("2026-10-09 10:50", json!({"kind": "closure"}));
    let of = |kind: &str| play.ended().into_iter().filter(|line| line.starts_with(kind)).collect::<Vec<_>>();
    assert_eq!(of("follow-up"), ["follow-up-1 fell away", "follow-up-2 done", "follow-up-3 done"]);
    assert_eq!(of("close"), ["close-2 fell away", "close-3 done"]);
}

#[test]
fn what_allowed_a_no_is_made_anew_when_taken_up_again() {
    let measures: Vec<Value> =
        ["notify-commit-certificate", "notify-commit-construction", "self-declaration", "tolerant-acceptance"]
            .map(|id| json!({"measure": id, "usable": false}))
            .into();
    let needed = [
        json!({"kind": "assessment", "assessor": "王首席", "measures": measures}),
        json!({"kind": "relief-scan", "offers": [{"route": "aid", "result": "not-eligible"}]}),
        json!({"kind": "explanation", "reaction": "understood"}),
    ];
    let cannot = json!({"kind": "reply", "outcome": "cannot", "channel": "window", "clause": "第三条"});
    let mut play = general();
    for round in 1..=2 {
        let codes = play.refused("2026-10-09 09:40", cannot.clone());
        assert_eq!(codes, "no-assessment no-relief-scan no-explanation", "round {round}");
        for made in needed.clone() {
            play.makes("2026-10-09 09:40", made);
        }
        play.makes("2026-10-09 09:40", cannot.clone());
        play.makes("2026-10-09 09:40", json!({"kind": "reopening", "asked_by": "person"}));
    }
}

#[test]
fn what_waits_for_a_word_falls_away_with_the_reply() {
    let until = |day: &str| json!({"kind": "extension", "until": day});
    let decided = |n: u32| json!({"kind": "extension-decision", "extension": n, "approved": true, "by": LEADER});
    let mut play = general();
    play.makes("2026-10-09 09:40", until("2026-10-16")).makes("2026-10-09 10:00", reply("solved"));
    assert!(play.ended().contains(&"extension-1 fell away".to_owned()), "{:?}", play.ended());
    assert_eq!(play.refused("2026-10-09 10:10", decided(1)), "wrong-status");
    play.makes("2026-10-09 10:20", json!({"kind": "reopening", "asked_by": "person"}));
    assert_eq!(play.owed(), ["dispatch-2 办不成事窗口 10-09 11:20", "feedback-2 办不成事窗口 10-12 17:00"]);
    assert_eq!(play.refused("2026-10-09 10:30", decided(1)), "no-extension");
    play.makes("2026-10-09 10:40", until("2026-10-14"));
    assert_eq!(play.refused("2026-10-09 10:50", decided(1)), "no-such-extension");
    play.makes("2026-10-09 10:50", decided(2));
    assert_eq!(play.life.theirs().unwrap().due, at("2026-10-14 17:00"));
}
