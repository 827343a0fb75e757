//! The window's doors over HTTP: what comes in beside the story, the person's own way to their ticket, what a new
//! calendar changes, who may only look, and who looked.

mod calendar;

mod keys;

mod person;

mod running;

use super::api::Youlu;
use serde_json::{Value, json};

const STORY: &str = "办食品经营许可，就差健康证，体检报告后天才出，窗口说材料不齐不收";

/// A ticket somebody opened.
struct Opened {
    id: String,
    number: String,
    code: String,
}

impl Opened {
    fn with(youlu: &Youlu, more: &Value) -> Self {
        let mut body = json!({ "text": STORY });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let taken = youlu.post("/v1/cases", &body).with_status(201);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let ticket = &taken["ticket"];
        Opened { id: text(&ticket["id"]), number: text(&ticket["number"]), code: text(&taken["public_code"]) }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/tickets/{}{rest}", self.id)
    }

    fn public(&self) -> String {
        format!("/v1/public/tickets/{}", self.number)
    }

    /// Makes a move on the ticket as it is.
    #[track_caller]
    fn make(&self, youlu: &Youlu, noun: &str, mut body: Value) -> Value {
        let version = youlu.get(&self.path("")).header("etag").unwrap().to_owned();
        body["by"] = json!("李明");
        youlu.post_with(&self.path(&format!("/{noun}")), &body, &[("if-match", &version)]).with_status(201)
    }
}
