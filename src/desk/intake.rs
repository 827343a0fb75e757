//! What a case brings besides its story: what the person came for, how often they came, how to reach them.

use super::Decision;
use crate::engine::rulebook::Rulebook;
use crate::tickets::moves::Registration;
use crate::tickets::{MatterKind, Said, Words};

/// What the person said or the clerk noted when the case was taken in. Nothing of it is decided upon.
#[derive(Debug, Clone, Default)]
pub struct Intake {
    /// What they came for; where nobody says, what the decision suggests.
    pub kind: Option<MatterKind>,
    /// How often they have come for it.
    pub visits: Option<u32>,
    /// How to reach them.
    pub contact: Contact,
}

/// How to reach a person. `Debug` shows nothing of it.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// Their name.
    pub name: Option<Words>,
    /// Their telephone number.
    pub phone: Option<Words>,
    /// Any other way.
    pub other: Option<Words>,
}

impl Intake {
    /// Notes it in a registration and the words that go with it.
    pub(super) fn note(self, registration: &mut Registration, said: &mut Said) {
        registration.matter = self.kind.unwrap_or(registration.matter);
        registration.visits = self.visits;
        if let Some(contact) = self.contact.words() {
            said.insert("contact".to_owned(), contact);
        }
    }
}

impl Contact {
    /// A line for each way, as a clerk would write it; none when there is no way.
    fn words(&self) -> Option<Words> {
        let lines = [("姓名", &self.name), ("电话", &self.phone), ("其他", &self.other)];
        let lines = lines.iter().filter_map(|(zh, words)| Some(format!("{zh}：{}", words.as_ref()?.as_str())));
        let text = lines.collect::<Vec<_>>().join("\n");
        (!text.is_empty()).then(|| text.into())
    }
}

/// The groups of routes that help people out of need (二（四）柔性关怀), by their fixed ids.
const RELIEF: [&str; 2] = ["welfare", "employment"];

/// What the person seems to have come for (攀政管〔2021〕55号 一): to be helped out of need when help leads the list, to
/// complain when a rude or ignorant window is to be put right, to be told when an explanation is all there is; else to
/// have something done.
pub(super) fn suggested(rulebook: &Rulebook, decision: &Decision) -> MatterKind {
    let Some(first) = decision.routes.first() else { return MatterKind::Coordination };
    let route = &rulebook.routes[first.base];
    let cause = decision.block_causes.first().map(|cause| cause.id.as_str());
    match route.id.as_str() {
        _ if RELIEF.contains(&route.group.as_str()) => MatterKind::Relief,
        "coordination.window-rectify" if cause == Some("poor-service") => MatterKind::Complaint,
        "coordination.policy-explanation" => MatterKind::Consultation,
        _ => MatterKind::Coordination,
    }
}
