//! The papers (文书): which there are of a ticket, and each as a page to print.

mod fill;

mod kept;

mod ready;

mod story;

use self::ready::{ERASED, Paper, ready, survey};
use self::story::{Story, UNVERIFIED};
use super::super::Api;
use super::super::access::Caller;
use super::super::accesses;
use super::super::now;
use super::super::problem::{Kind, Problem};
use super::super::query::{Query, whole};
use super::super::tickets::ticket_id;
use super::{frame, or_trouble, page, shown};
use crate::ledger::Subject;
use crate::web::papers::{PaperPage, PapersPage};
use crate::web::{Here, Template};
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// Which papers there are of a ticket, and why not others yet.
pub(in crate::http) async fn papers(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    let made = list(&api, &request, &caller).await;
    or_trouble(&api, &caller, made).await
}

/// One paper, to print.
pub(in crate::http) async fn paper(
    api: Data<Api>,
    request: HttpRequest,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    let made = one(&api, &request, &caller).await;
    or_trouble(&api, &caller, made).await
}

async fn list(api: &Api, request: &HttpRequest, caller: &Caller) -> Result<HttpResponse, Problem> {
    Query::of(request, &[]).finish()?;
    let story = story(api, request, caller).await?;
    listed(api, caller, &story, StatusCode::OK, None).await
}

async fn one(api: &Api, request: &HttpRequest, caller: &Caller) -> Result<HttpResponse, Problem> {
    let wanted = request.match_info().get("paper").unwrap_or_default();
    let none = || Problem::new(Kind::NoSuchPlace, "没有这种文书");
    let paper = Paper::ALL.into_iter().find(|paper| paper.id() == wanted).ok_or_else(none)?;
    let known: Vec<&str> = paper.nth().into_iter().collect();
    let mut query = Query::of(request, &known);
    let nth =
        known.first().and_then(|name| query.optional(name, "从 1 数起的整数", |text| whole(text, 1..=u32::MAX)));
    query.finish()?;
    let story = story(api, request, caller).await?;
    let all = match ready(&story, paper) {
        Ok(all) => all,
        Err(because) => {
            let status = if story.life.erased { StatusCode::GONE } else { StatusCode::CONFLICT };
            let because = format!("现在不能出《{}》：{because}", paper.zh());
            return listed(api, caller, &story, status, Some(because)).await;
        }
    };
    // Without a number, the last of several is meant.
    let found = all.iter().rev().find(|(n, _)| nth.is_none_or(|wanted| wanted == *n)).map(|(n, _)| *n);
    let Some(n) = found else {
        let because = format!("这张工单没有第 {} 张《{}》。", nth.unwrap_or_default(), paper.zh());
        return listed(api, caller, &story, StatusCode::NOT_FOUND, Some(because)).await;
    };
    let gone = || Problem::internal("a paper said to be ready cannot be filled");
    let show = Show { api, caller, story: &story, paper, n };
    match paper {
        Paper::Receipt => show.filled(&fill::receipt(&story), Vec::new()).await,
        Paper::Notice => show.filled(&fill::notice(&story), Vec::new()).await,
        Paper::TolerantAcceptance => {
            show.filled(&fill::tolerant_acceptance(&story), story.caveats("tolerant-acceptance")).await
        }
        Paper::TolerantPromise => {
            show.filled(&fill::tolerant_promise(&story), story.caveats("tolerant-acceptance")).await
        }
        Paper::Commitment => show.filled(&fill::commitment(&story), story.caveats("notify-commit")).await,
        Paper::Dispatch => show.filled(&fill::dispatch(&story, n).ok_or_else(gone)?, Vec::new()).await,
        Paper::Explanation => show.filled(&fill::explanation(&story, n).ok_or_else(gone)?, Vec::new()).await,
        Paper::FollowUp => show.filled(&fill::follow_up(&story).ok_or_else(gone)?, Vec::new()).await,
        Paper::Extension => show.filled(&fill::extension(&story, n).ok_or_else(gone)?, Vec::new()).await,
        Paper::Supervision => show.filled(&fill::supervision(&story, n).ok_or_else(gone)?, Vec::new()).await,
    }
}

/// A paper about to be shown.
struct Show<'a> {
    api: &'a Api,
    caller: &'a Caller,
    story: &'a Story,
    paper: Paper,
    n: u32,
}

impl Show<'_> {
    /// The page with the paper, and what to see to before it goes out.
    async fn filled(self, paper: &impl Template, mut heed: Vec<String>) -> Result<HttpResponse, Problem> {
        let Show { api, caller, story, .. } = self;
        let frame = frame(api, caller, self.paper.zh(), Here::Tickets).await?;
        let papers = survey(story, Some((self.paper, self.n))).ready;
        let mut made = PaperPage::of(frame, story.number(), papers, paper).map_err(Problem::internal)?;
        heed.extend(story.own_choice());
        if made.says(UNVERIFIED) {
            heed.push("有〔待核实〕的地方，请核实清楚、划去这个标记再发。".to_owned());
        }
        made.heed = heed;
        page(&made)
    }
}

async fn listed(
    api: &Api,
    caller: &Caller,
    story: &Story,
    status: StatusCode,
    refused: Option<String>,
) -> Result<HttpResponse, Problem> {
    let mut papers = survey(story, None);
    let mut refused = refused;
    if story.life.erased {
        // One reason for all of them.
        papers.not_yet.clear();
        refused = Some(ERASED.to_owned());
    }
    let frame = frame(api, caller, "文书", Here::Tickets).await?;
    let number = story.number();
    shown(status, &PapersPage { frame, number, refused, papers: papers.ready, not_yet: papers.not_yet })
}

async fn story(api: &Api, request: &HttpRequest, caller: &Caller) -> Result<Story, Problem> {
    let id = ticket_id(api, request, caller).await?;
    let told = api.desk.story(&caller.organisation, id).await?.ok_or_else(Problem::no_such_ticket)?;
    accesses::note(api, request, caller, Subject::ticket(id));
    Ok(Story::new(told, api.desk.running(), api.desk.region.clone(), now()))
}
