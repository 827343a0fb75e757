//! A million moves on tickets of eight years, by chance with a seed: whatever people do, well or badly, in whatever order,
//! what the scheme promises holds. Each shard is a window of its own with its own seed, so that a failure can be had again;
//! it is told with the shard and the move.

mod chance;
mod people;
mod witness;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta};
use serde_json::{Value, json};
use uuid::Uuid;
use youlu::tickets::event::Event;
use youlu::tickets::flow::{FLOW, permitted};
use youlu::tickets::moves::{Move, MoveKind};
use youlu::tickets::{Life, Refusal, Setting, Status, TicketNumber, apply, elapse, recount, register};

use self::chance::Chance;
use self::people::{Wish, wish};
use self::witness::{Noted, Witness, in_order};
use self::world::{Ground, World};
use crate::life::needed_words;

/// Moves made in each shard, not counting those refused.
const MOVES: usize = 250_000;

/// A shard's seed each.
const SEEDS: [u64; 4] = [55, 2021, 1116, 510_400];

/// Tickets open at a time in one window.
const OPEN: usize = 40;

/// What happened in a shard.
#[derive(Debug, Default)]
struct Tally {
    tickets: usize,
    made: usize,
    refused: usize,
    closed: usize,
    reopened: usize,
    recounted: usize,
    reminders: usize,
    breaches: usize,
    ways_out: usize,
    /// How often each kind of move was made, and what it was refused for.
    kinds: BTreeMap<MoveKind, usize>,
    codes: BTreeSet<&'static str>,
}

/// A ticket with all that watches it.
struct Watched {
    life: Life,
    witness: Witness,
    ground: Ground,
    moves: usize,
}

/// One window: its clock, its tickets, its numbers.
struct Window<'a> {
    world: &'a World,
    chance: Chance,
    now: DateTime<FixedOffset>,
    open: Vec<Watched>,
    /// The last number of each year, as the ledger allots them: one more than the last, in the same step as the
    /// registration is kept.
    numbers: BTreeMap<i32, u32>,
    tally: Tally,
}

impl Window<'_> {
    fn ground(&mut self) -> Ground {
        let Ground { calendar, place, roster } = self.world.sizes();
        let [calendar, place, roster] = [calendar, place, roster].map(|size| self.chance.below(size));
        Ground { calendar, place, roster }
    }

    /// Somebody comes to the window.
    fn register(&mut self) {
        let ground = self.ground();
        let mut registration = people::registration(&mut self.chance);
        if self.chance.percent(3) {
            registration.window = "51".to_owned();
        }
        let refused = registration.window.len() != 6;
        let said = needed_words(MoveKind::Registration);
        let event = register(registration, said, "张经办", self.now, &self.world.setting(ground));
        let Ok(event) = event else {
            assert!(refused, "{event:?}");
            return;
        };
        let year = event.at.year();
        let last = self.numbers.entry(year).or_default();
        *last += 1;
        let number = TicketNumber::new("510400".parse().unwrap(), year, *last).unwrap();
        let id = Uuid::from_u64_pair(year as u64, u64::from(*last));
        let life = Life::begin(id, number, &event).unwrap();
        let mut witness = Witness::default();
        witness.sees(None, &event, &self.world.setting(ground));
        witness.finds(None, &event, &life);
        self.tally.tickets += 1;
        self.open.push(Watched { life, witness, ground, moves: 0 });
    }

    /// Something is tried on one ticket, a few things in a row.
    fn visit(&mut self) {
        let at = self.chance.below(self.open.len());
        let mut ticket = self.open.swap_remove(at);
        for _ in 0..1 + self.chance.below(6) {
            self.tries(&mut ticket);
            if self.chance.percent(70) {
                self.now += TimeDelta::seconds(self.chance.below(1200) as i64);
            }
        }
        if self.chance.percent(8) {
            self.recounts(&mut ticket);
        }
        let closed = ticket.life.status == Status::Closed;
        if closed && self.chance.percent(70) || ticket.moves > 120 {
            self.leaves(&ticket);
            if self.chance.percent(25) {
                ticket.witness.retells(&ticket.life);
            }
        } else {
            self.open.push(ticket);
        }
    }

    /// Time passes on a ticket, and somebody tries a move.
    fn tries(&mut self, ticket: &mut Watched) {
        if self.chance.percent(1) {
            ticket.ground = self.ground();
        }
        let setting = self.world.setting(ticket.ground);
        if self.chance.percent(40) {
            self.waits(ticket);
        }
        // A clock that is a little wrong, or very.
        let jitter = self.chance.weighed(&[(95, 0), (4, -60), (1, -9000)]);
        let now = self.now + TimeDelta::seconds(jitter);
        let Wish { made, said, by } = wish(&mut self.chance, &ticket.life, now, &setting);
        let kind = made.kind();
        let before = self.chance.percent(5).then(|| ticket.life.clone());
        let allowed = permitted(&ticket.life, kind, now.max(ticket.life.last_at), &setting);
        ticket.moves += 1;
        match apply(&ticket.life, made, said, &by, now, &setting) {
            Ok(events) => {
                assert_eq!(allowed, Ok(()), "{kind} was made and was not to be");
                in_order(&events, Some(kind));
                self.takes(ticket, events, &setting);
                self.tally.made += 1;
                *self.tally.kinds.entry(kind).or_default() += 1;
            }
            Err(refusal) => {
                match &refusal {
                    Refusal::NotNow(why) => {
                        let clock = why.code == "clock-went-back" && jitter < 0;
                        assert!(clock || allowed.as_ref() == Err(why), "{kind}: {why:?}, {allowed:?}");
                        self.tally.codes.insert(why.code);
                    }
                    Refusal::Flawed(flaws) => {
                        assert!(!flaws.is_empty() && allowed.is_ok());
                        self.tally.codes.extend(flaws.iter().map(|flaw| flaw.code));
                    }
                    Refusal::Calendar(error) => panic!("{kind}: {error}"),
                }
                assert!(before.is_none_or(|before| before == ticket.life), "a refused move changes nothing");
                self.tally.refused += 1;
            }
        }
        let since = self.now.max(ticket.life.last_at);
        if self.chance.percent(10) {
            let between = self.chance.below(1000) as f64 / 1000.0;
            ticket.witness.foretells(&ticket.life, since, between, &setting);
        }
        if self.chance.percent(2) {
            self.leaves(ticket);
        }
    }

    /// What time has brought by now is written down.
    fn waits(&mut self, ticket: &mut Watched) {
        let setting = self.world.setting(ticket.ground);
        let now = self.now.max(ticket.life.last_at);
        let events = elapse(&ticket.life, now, &setting);
        in_order(&events, None);
        self.takes(ticket, events, &setting);
        ticket.witness.looks(&ticket.life, now, &setting);
    }

    fn takes(&mut self, ticket: &mut Watched, events: Vec<Event>, setting: &Setting<'_>) {
        for event in events {
            ticket.witness.sees(Some(&ticket.life), &event, setting);
            let before = Noted::of(&ticket.life);
            ticket.life.fold(&event);
            ticket.witness.finds(Some(before), &event, &ticket.life);
            match event.made {
                Move::Reminder(_) => self.tally.reminders += 1,
                Move::Breach(_) => self.tally.breaches += 1,
                Move::Closure(_) => self.tally.closed += 1,
                Move::Reopening(_) => self.tally.reopened += 1,
                _ => {}
            }
        }
    }

    /// Another calendar is published: dates move once, and then no more.
    fn recounts(&mut self, ticket: &mut Watched) {
        let other = Ground { calendar: self.chance.below(self.world.sizes().calendar), ..ticket.ground };
        let setting = self.world.setting(other);
        let now = self.now.max(ticket.life.last_at);
        ticket.ground = other;
        if let Some(event) = recount(&ticket.life, "张经办", now, &setting).unwrap() {
            self.takes(ticket, vec![event], &setting);
            self.tally.recounted += 1;
        }
        assert_eq!(recount(&ticket.life, "张经办", now, &setting), Ok(None), "counted again, nothing moves");
    }

    /// From any state some moves that are permitted lead to the end.
    fn leaves(&mut self, ticket: &Watched) {
        let setting = self.world.setting(ticket.ground);
        let mut life = ticket.life.clone();
        let mut now = self.now.max(life.last_at);
        for _ in 0..60 + life.bookings.len() + life.supervisions.len() {
            if life.status == Status::Closed {
                break;
            }
            let made: Move = serde_json::from_value(way_out(&life)).unwrap();
            let mut said = needed_words(made.kind());
            match made {
                Move::Reply(_) => drop(said.insert("difference".to_owned(), "见办理记录".into())),
                Move::Closure(_) => drop(said.insert("reason".to_owned(), "见办理记录".into())),
                _ => {}
            }
            let told = format!("{made:?}");
            let events = apply(&life, made, said, "张经办", now, &setting);
            let events = events.unwrap_or_else(|refusal| panic!("no way out by {told}: {refusal:?}\n{life:?}"));
            events.iter().for_each(|event| life.fold(event));
            now += TimeDelta::minutes(1);
        }
        assert_eq!(life.status, Status::Closed, "no way out: {life:?}");
        self.tally.ways_out += 1;
    }
}

/// The next step to the end.
fn way_out(life: &Life) -> Value {
    let nth = |at: Option<usize>| at.map(|at| at + 1);
    if let Some((n, _)) = life.offered() {
        return json!({"kind": "transfer-return", "transfer": n});
    }
    match life.status {
        Status::Dispatched | Status::Accepted | Status::InProgress => {
            let lead = life.legs.iter().position(|leg| leg.leads && leg.is_open());
            json!({"kind": "recall", "leg": nth(lead)})
        }
        Status::Replied => {
            json!({"kind": "follow-up", "reached": true, "channel": "phone", "resolved": true, "satisfaction": "fair"})
        }
        Status::FollowedUp => {
            if let Some((n, _)) = life.open_bookings().next() {
                return json!({"kind": "booking-outcome", "booking": n, "done": true});
            }
            match nth(life.supervisions.iter().position(|urged| urged.answered_at.is_none())) {
                Some(n) => json!({"kind": "supervision-reply", "supervision": n}),
                None => json!({"kind": "closure"}),
            }
        }
        _ => json!({"kind": "reply", "outcome": "explained", "channel": "phone"}),
    }
}

/// One window's eight years.
fn simulate(world: &World, seed: u64) -> Tally {
    let mut window = Window {
        world,
        chance: Chance::seeded(seed),
        now: world::beginning(),
        open: Vec::new(),
        numbers: BTreeMap::new(),
        tally: Tally::default(),
    };
    while window.tally.made < MOVES {
        let step = |window: &mut Window<'_>| {
            if window.open.len() < OPEN {
                window.register();
            }
            if !window.open.is_empty() {
                window.visit();
            }
            window.now += window.chance.pause() / 12;
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| step(&mut window))) {
            println!("seed {seed}, after {} moves made, at {}", window.tally.made, window.now);
            resume_unwind(panic);
        }
    }
    assert_eq!(window.numbers.values().sum::<u32>() as usize, window.tally.tickets, "a number for each, and no gap");
    println!("seed {seed}: {} tickets until {}", window.tally.tickets, window.now.date_naive());
    window.tally
}

fn sum_of(tallies: &[Tally], of: impl Fn(&Tally) -> usize) -> usize {
    tallies.iter().map(of).sum()
}

#[test]
fn a_million_moves_keep_what_is_promised() {
    let (world, began) = (World::new(), Instant::now());
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let shards = SEEDS.map(|seed| {
            scope.spawn({
                let world = &world;
                move || simulate(world, seed)
            })
        });
        shards.map(|shard| shard.join().unwrap_or_else(|panic| resume_unwind(panic))).into()
    });
    let sum = |of: fn(&Tally) -> usize| sum_of(&tallies, of);
    let (made, refused) = (sum(|t| t.made), sum(|t| t.refused));
    let (tickets, closed, breaches) = (sum(|t| t.tickets), sum(|t| t.closed), sum(|t| t.breaches));
    println!(
        "{} moves tried, {made} made, {refused} refused; {tickets} tickets, {closed} closed, {} reopened, {breaches} \
         breaches, {} reminders, {} recounts, {} ways out, {:.1} seconds",
        made + refused,
        sum(|t| t.reopened),
        sum(|t| t.reminders),
        sum(|t| t.recounted),
        sum(|t| t.ways_out),
        began.elapsed().as_secs_f64(),
    );
    assert!(made >= 1_000_000 && closed > 10_000 && breaches > 10_000, "all of it happens");
    for step in FLOW {
        let often = sum_of(&tallies, |tally| tally.kinds.get(&step.made).copied().unwrap_or_default());
        assert!(often > 500, "{} was made {often} times", step.made);
    }
    let codes: BTreeSet<&str> = tallies.iter().flat_map(|tally| tally.codes.iter().copied()).collect();
    println!("refused for {} reasons: {}", codes.len(), codes.into_iter().collect::<Vec<_>>().join(" "));
}
