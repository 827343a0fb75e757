//! The REST API over the desk; the only place that knows actix-web and utoipa.
//!
//! A handler extracts, converts, calls the desk once, and converts back. Whatever goes wrong becomes a [`problem`], in
//! one table. The clock is read here, where a request starts, and nowhere below. The types that are serialised live
//! here too: they are promises to clients, and the engine's own types stay free to change.
//!
//! Never in here: a rule, a date counted, or a word of a case in a log line.

mod access;

mod accountability;

mod accesses;

mod attempts;

mod body;

mod calendar;

mod candidate;

mod cases;

mod catalogue;

mod decision;

mod docs;

mod due;

mod exports;
mod fault;

mod figures;

mod flow;

mod forms;

mod health;

mod json;

mod log;

mod members;

mod moves;

mod nouns;

mod openapi;

mod pages;

mod places;

mod problem;

mod public;

mod publicity;

mod query;

mod records;

mod rectifications;
mod reports;

mod recounts;

mod request;

mod roster;

mod rulebook;

mod similar;

mod tickets;

pub use self::access::Access;
pub use self::decision::render_decision;
pub use self::log::panics_tell_only_their_place;
pub use self::openapi::document as openapi_document;
pub use self::request::reread;

use crate::desk::Desk;
use crate::tickets::CHINA_TIME;
use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::web::Data;
use actix_web::{App as ActixApp, HttpServer};
use chrono::{DateTime, FixedOffset};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Where the server listens and who may ask.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// The address; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Who may ask.
    pub access: Access,
}

/// The server, bound to its address and ready to run.
pub struct App {
    address: SocketAddr,
    server: Server,
    desk: Arc<Desk>,
}

/// Stops a running [`App`] from elsewhere.
#[derive(Debug, Clone)]
pub struct Stopper(ServerHandle);

/// What every handler works with.
#[derive(Debug)]
struct Api {
    desk: Arc<Desk>,
    access: Access,
    /// How often codes were guessed of late.
    attempts: attempts::Attempts,
    /// Held while changed rules are tried on past cases: one trial at a time leaves room for the window.
    backtest: tokio::sync::Mutex<()>,
}

/// How long a client may take to send a request's head, and again its body.
const CLIENT_PATIENCE: Duration = Duration::from_secs(10);

/// How long requests under way may take to end when the server is told to stop, in seconds.
const SHUTDOWN_SECONDS: u64 = 10;

/// Nothing is kept by caches, nothing is framed, and no page runs anything unless its own handler allows it.
const HEADERS: [(&str, &str); 5] = [
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
];

impl App {
    /// Binds the address. Nothing is answered before [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// When the address cannot be had, or when it can be reached from other machines and no key would be asked for.
    pub fn bind(desk: Arc<Desk>, settings: HttpSettings) -> io::Result<App> {
        if matches!(settings.access, Access::Open(_)) && !settings.listen.ip().is_loopback() {
            let why = format!("{} 不是本机地址，没有密钥不能对外提供服务", settings.listen);
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        let api = Data::new(Api {
            desk: desk.clone(),
            access: settings.access,
            attempts: attempts::Attempts::default(),
            backtest: tokio::sync::Mutex::new(()),
        });
        let server = HttpServer::new(move || {
            let headers = HEADERS.into_iter().fold(DefaultHeaders::new(), DefaultHeaders::add);
            // The last one wrapped is the first to see a request.
            ActixApp::new()
                .app_data(api.clone())
                .configure(places::configure)
                .wrap(from_fn(access::check))
                .wrap(headers)
                .wrap(from_fn(log::record))
        })
        .client_request_timeout(CLIENT_PATIENCE)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .bind(settings.listen)?;
        let address = server.addrs().first().copied().unwrap_or(settings.listen);
        Ok(App { address, server: server.run(), desk })
    }

    /// Where it listens, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What stops it.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.server.handle())
    }

    /// Answers until told to stop by a signal (INT, TERM) or a [`Stopper`]; requests under way are finished, and who read
    /// what is written down.
    ///
    /// # Errors
    ///
    /// When the listening socket fails.
    pub async fn run(self) -> io::Result<()> {
        let App { server, desk, .. } = self;
        let served = tokio::select! {
            served = server => served,
            () = keep_accesses(&desk) => Ok(()),
        };
        if let Err(error) = desk.keep_accesses().await {
            tracing::error!(%error, "the last accesses could not be written down");
        }
        served
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Stopper {
    /// Tells the server to take nothing new and finish what is under way; does not wait for it.
    pub fn stop(&self) {
        drop(self.0.stop(true));
    }
}

/// How often it is written down who read what.
const ACCESSES_EVERY: Duration = Duration::from_secs(1);

/// Writes down who read what, for as long as it is polled. What could not be written is tried again.
async fn keep_accesses(desk: &Desk) {
    loop {
        tokio::time::sleep(ACCESSES_EVERY).await;
        if let Err(error) = desk.keep_accesses().await {
            tracing::warn!(%error, "accesses could not be written down");
        }
    }
}

/// This instant at the window.
#[expect(clippy::disallowed_methods, reason = "a request starts here")]
fn now() -> DateTime<FixedOffset> {
    chrono::Utc::now().with_timezone(&CHINA_TIME)
}
