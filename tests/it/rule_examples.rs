//! Every rule's own examples, read and judged on a fixed day.

use crate::shipped_desktop;
use youlu::desk::prove_examples;

#[test]
fn every_example_gets_its_verdict() {
    let wrong = prove_examples(&shipped_desktop().rulebook, &shipped_desktop().origins, "510400");
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n"));
}
