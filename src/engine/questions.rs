//! Which unknown fact to ask for next: the one that settles most among the routes at the head of the list.

use super::ranking::RankedRoute;
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

/// The questions worth asking, the most useful first.
pub fn ask_next(routes: &[RankedRoute]) -> Vec<Question> {
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
    worth.sort_by(|(a, p), (b, q)| b.total_cmp(a).then_with(|| p.fact.cmp(&q.fact)));
    worth.into_iter().map(|(_, question)| question).collect()
}
