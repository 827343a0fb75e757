//! Which unknown fact to ask for next: the one whose answers change most among the routes at the head of the list.

use super::opening;
use super::ranking::RankedRoute;
use super::reading::Reading;
use super::rulebook::Rulebook;
use super::verdict;
use super::vocabulary::FactIx;

/// One question with the routes its answer decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    pub fact: FactIx,
    /// Positions in the ranked list.
    pub decides: Vec<usize>,
}

/// How far down the list a question may come from.
const HEAD: usize = 5;
/// How many questions are weighed by trying their answers; the rest follow by how many routes they stand open in.
const TRIED: usize = 4;

/// The questions worth asking, the most useful first.
pub fn ask_next(rulebook: &Rulebook, reading: &Reading, routes: &[RankedRoute]) -> Vec<Question> {
    let mut worth: Vec<(f64, Question)> = Vec::new();
    for (position, route) in routes.iter().enumerate().take(HEAD) {
        let open = &route.judgement.open;
        for &fact in open {
            // A route one answer away gains more from that answer than one that is five away.
            let gain = route.score / open.len() as f64;
            match worth.iter_mut().find(|(_, q)| q.fact == fact) {
                Some((sum, question)) => {
                    *sum += gain;
                    question.decides.push(position);
                }
                None => worth.push((gain, Question { fact, decides: vec![position] })),
            }
        }
    }
    let by_gain = |worth: &mut Vec<(f64, Question)>| {
        worth.sort_by(|(a, p), (b, q)| b.total_cmp(a).then_with(|| p.fact.cmp(&q.fact)));
    };
    by_gain(&mut worth);
    let rest = worth.split_off(worth.len().min(TRIED));
    for (gain, question) in &mut worth {
        // What cannot be tried is worth less than what is seen to change something.
        *gain = change(rulebook, reading, routes, question).unwrap_or(*gain / 4.0);
    }
    by_gain(&mut worth);
    worth.extend(rest);
    worth.into_iter().map(|(_, question)| question).collect()
}

/// How much of the head of the list an answer changes, on average over the answers; `None` when there are none to try.
fn change(rulebook: &Rulebook, reading: &Reading, routes: &[RankedRoute], question: &Question) -> Option<f64> {
    let asker = routes.get(*question.decides.first()?)?;
    let answers = opening::answers_to(rulebook, asker.judgement.rule, question.fact, rulebook.setting(reading));
    if answers.is_empty() {
        return None;
    }
    let of = answers.len() as f64;
    let mut changed = 0.0;
    for (value, _) in answers {
        let answer = [(question.fact, value)];
        let (facts, region) = reading.supposing(&rulebook.vocabulary, &rulebook.parameters, &answer);
        let setting = rulebook.setting_at(&region, reading.on);
        for &position in &question.decides {
            let Some(route) = routes.get(position) else { continue };
            let judgement = &route.judgement;
            if verdict::verdict(rulebook, judgement.rule, &facts, setting) != judgement.verdict {
                changed += route.score / (position + 1) as f64;
            }
        }
    }
    Some(changed / of)
}
