//! rules/*.yaml and policies/*.yaml become a [`Rulebook`], or every problem with its file, line and column.
//!
//! The check and the server's start run this same code, so what checks clean also starts.

mod events;

mod format;

mod layout;

mod pieces;

mod reader;

mod problem;

mod source;

mod sections;

mod names;

mod origins;

mod conditions;

mod vocabulary;

mod documents;

mod jurisdiction;

mod rules;

mod shapes;

mod cases;

mod json;

mod snippets;

mod schema;

mod report;

mod edits;

mod excerpt;

pub mod review;

pub use cases::{Expectation, Must, ProofCase, read_cases};
pub use edits::{SectionEdits, edits};
pub use excerpt::Excerpt;
pub use format::UNFILLED;
pub use layout::{schema_name, tidy};
pub use origins::{Origins, ParameterOrigin, RuleOrigin, WrittenCue};
pub use problem::{Place, Problem, Severity, Spot, nearest};
pub use report::Report;
pub use schema::{Schemas, schemas};
pub use source::{MAX_FILE, SourceFile, hash, read_folder, read_folder_as, shipped_policies, shipped_rules};

use self::names::Names;
use self::problem::Problems;
use self::rules::Rules;
use self::shapes::Set;
use self::vocabulary::Cues;
use crate::engine::ranking;
use crate::engine::reading::Lexicon;
use crate::engine::rulebook::Rulebook;
use crate::engine::vocabulary::Vocabulary;
use crate::tickets::calendar::WorkingCalendar;
use crate::tickets::jurisdiction::Jurisdictions;
use chrono::NaiveDate;

/// What the files amount to.
#[derive(Debug)]
pub struct Loaded {
    pub rulebook: Rulebook,
    pub calendar: WorkingCalendar,
    /// What every place sets its windows.
    pub jurisdictions: Jurisdictions,
    /// Where everything was written.
    pub origins: Origins,
}

/// What became of a set of files.
#[derive(Debug)]
pub struct Checked {
    /// Every problem of every file, errors first, by file and place.
    pub problems: Vec<Problem>,
    /// What the files amount to, unless a problem stands against it.
    pub loaded: Option<Loaded>,
}

/// Reads and compiles a set of files, or says every error in how they are written.
///
/// # Errors
///
/// Every error of every file, by file and place.
pub fn load(rule_files: &[SourceFile], policy_files: &[SourceFile]) -> Result<Loaded, Vec<Problem>> {
    let (loaded, problems) = read(rule_files, policy_files);
    match loaded {
        Some(loaded) if problems.no_errors() => Ok(loaded),
        _ => Err(problems.sorted().into_iter().filter(|p| p.severity == Severity::Error).collect()),
    }
}

/// Reads, compiles and reviews a set of files for one place on one day. Every problem is told at once.
pub fn check(rule_files: &[SourceFile], policy_files: &[SourceFile], on: NaiveDate, region: &str) -> Checked {
    let (loaded, mut problems) = read(rule_files, policy_files);
    let whole = problems.no_errors();
    if let Some(loaded) = &loaded {
        // Of half a rulebook nobody can say what is missing from it.
        let certain = |code: &str| code.contains("cue") || code == "expired-policy";
        for finding in review::review(&loaded.rulebook, &loaded.origins, on, region) {
            if whole || finding.severity == Severity::Error || certain(finding.code) {
                finding.problem(&loaded.origins).into_iter().for_each(|p| problems.add(p));
            }
        }
        if whole {
            jurisdiction::missing(loaded, region, on).into_iter().for_each(|p| problems.add(p));
        }
    }
    let usable = problems.no_errors();
    Checked { problems: problems.sorted(), loaded: loaded.filter(|_| usable) }
}

/// Makes of files what can be made of them; what has an error is left out.
fn read(rule_files: &[SourceFile], policy_files: &[SourceFile]) -> (Option<Loaded>, Problems) {
    let mut problems = Problems::default();
    let rule_set = sections::parse_all(rule_files, &mut problems);
    let policy_set = sections::parse_all(policy_files, &mut problems);
    sections::check_shapes(&rule_set, Set::Rules, &mut problems);
    sections::check_shapes(&policy_set, Set::Policies, &mut problems);
    let of_rules = |name| sections::named(&rule_set, name);
    let of_policies = |name| sections::named(&policy_set, name);

    let mut names = Names { regions: vocabulary::regions(&of_policies("regions"), &mut problems), ..Names::default() };
    let calendar = documents::calendar(&of_policies("calendar"), &mut problems);
    let (hours, hours_spots) = jurisdiction::hours(&of_policies("calendar"), &names, &mut problems);
    let policies = documents::policies(&of_policies("policies"), &mut names, &mut problems);
    let parameters = documents::parameters(&of_rules("parameters"), &mut names, &mut problems);
    let (groups, routes) = documents::routes(&of_rules("groups"), &of_rules("routes"), &mut names, &mut problems);

    let mut cues = Cues::new(&names.regions);
    vocabulary::declare_facts(&of_rules("facts"), &mut names, &mut problems);
    vocabulary::items(&of_rules("items"), &mut names, &mut cues, &mut problems);
    vocabulary::materials(&of_rules("materials"), &mut names, &mut cues, &mut problems);
    vocabulary::complete_facts(&of_rules("facts"), &mut names, &mut cues, &mut problems);
    let spellings = vocabulary::spellings(&of_rules("spellings"), &mut problems);
    let order = vocabulary::derivation_order(&names, &mut problems);

    let Rules { rules, origins: rule_origins, cues: rule_cues } =
        rules::rules(&of_rules("rules"), &of_rules("common"), &names, &mut cues, &mut problems);
    let diagnosis = rules::diagnosis(&of_rules("block_causes"), &of_rules("complexity"), &names, &mut problems);
    let texts = rules::texts(&of_rules("texts"), &names, &diagnosis, &mut problems);
    let pairings = rules::pairings(&of_rules("together"), &names, &mut problems);
    let features = ranking::feature_names(&routes, &diagnosis.causes, &groups);
    let weights = rules::weights(&of_rules("weights"), &features, &mut problems);
    let origins = Origins {
        rules: rule_origins,
        facts: names.fact_spots,
        items: names.item_spots,
        materials: names.material_spots,
        policies: names.policy_spots,
        parameters: names.parameter_spots,
        routes: names.route_spots,
        calendar: of_policies("calendar").first().map(|section| section.spot()),
        hours: hours_spots,
        cues: cues.written,
    };
    let Names { facts, items, materials, regions, .. } = names;
    let ids = rules
        .iter()
        .map(|r| &r.id)
        .zip(origins.rules.iter().map(|o| &o.spot))
        .chain(facts.iter().map(|f| &f.id).zip(&origins.facts))
        .chain(items.iter().map(|i| &i.id).zip(&origins.items))
        .chain(materials.iter().map(|m| &m.id).zip(&origins.materials))
        .chain(policies.iter().map(|p| &p.id).zip(&origins.policies))
        .chain(parameters.iter().map(|p| &p.id).zip(origins.parameters.iter().map(|o| &o.spot)));
    documents::retired(&of_rules("retired"), ids, &mut problems);
    let lexicon = Lexicon::new(cues.gathered);
    if let (Err(error), Some(cue)) = (&lexicon, origins.cues.last()) {
        problems.add(Problem::error(cue.spot.clone(), "cue", error.to_string()));
    }

    let loaded = lexicon.ok().map(|lexicon| {
        let rulebook = Rulebook {
            hash: source::hash(rule_files, policy_files),
            vocabulary: Vocabulary::new(facts, items, materials, regions, lexicon, order, spellings),
            parameters,
            policies,
            groups,
            routes,
            rules,
            diagnosis,
            pairings,
            weights,
            texts,
            cues: rule_cues,
        };
        let jurisdictions = Jurisdictions::new(&rulebook.parameters, hours);
        Loaded { rulebook, calendar, jurisdictions, origins }
    });
    (loaded, problems)
}
