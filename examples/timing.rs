use std::time::Instant;
use youlu::desk::*;
fn main() {
    let (rules, policies) = (youlu::rulefiles::shipped_rules(), youlu::rulefiles::shipped_policies());
    let t = Instant::now();
    let d = Desktop::load(&rules, &policies).unwrap();
    println!("load {:?}", t.elapsed());
    let mut texts = Vec::new();
    for l in std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap().lines() {
        let v: serde_json::Value = serde_json::from_str(l).unwrap();
        texts.push(v["text"].as_str().unwrap().to_owned());
    }
    let (mut a, mut b, mut c, mut p) = (vec![], vec![], vec![], vec![]);
    for _ in 0..5 {
        for t in &texts {
            let t0 = Instant::now();
            let case = parse_case(&d.rulebook, CaseDraft { text: t.clone(), ..CaseDraft::default() }, "510400", PROOF_DAY).unwrap();
            let t1 = Instant::now();
            let r = d.rulebook.read(&case);
            let t2 = Instant::now();
            let h = d.index.find(&d.rulebook, &r).unwrap();
            let t3 = Instant::now();
            let x = youlu::engine::decide(&d.rulebook, &r, &h);
            let t4 = Instant::now();
            std::hint::black_box(x);
            p.push(t4 - t0); a.push(t2 - t1); b.push(t3 - t2); c.push(t4 - t3);
        }
    }
    for (n, v) in [("all", &mut p), ("read", &mut a), ("find", &mut b), ("decide", &mut c)] {
        v.sort();
        println!("{n} p50 {:?} p95 {:?}", v[v.len() / 2], v[v.len() * 95 / 100]);
    }
}
