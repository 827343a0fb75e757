use youlu::desk::*;
fn main() {
    let d = Desktop::load(&youlu::rulefiles::shipped_rules(), &youlu::rulefiles::shipped_policies()).unwrap();
    for _ in 0..60 {
    for l in std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap().lines() {
        let v: serde_json::Value = serde_json::from_str(l).unwrap();
        let t = v["text"].as_str().unwrap().to_owned();
        let case = parse_case(&d.rulebook, CaseDraft { text: t.clone(), ..CaseDraft::default() }, "510400", PROOF_DAY).unwrap();
        std::hint::black_box(d.rulebook.read(&case));
    } }
}
