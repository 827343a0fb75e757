//! The rules held against their own examples and the cases beside them; what these try; a rule's account of a case.

use crate::shipped_desktop;
use youlu::workshop::proof::Bench;

#[test]
fn every_example_gets_its_verdict() {
    let desktop = shipped_desktop();
    let mut bench = Bench::new(&desktop.rulebook, &desktop.origins, "510400");
    bench.try_examples();
    let proof = bench.finish();
    assert!(proof.failures.is_empty(), "{:#?}", proof.failures);
    assert!(proof.examples > 500, "only {} examples", proof.examples);
}
