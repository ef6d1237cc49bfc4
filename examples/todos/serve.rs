//! What both versions share: pages, and a server that answers what it was asked before it stops.

use std::error::Error;
use std::ffi::OsString;
use std::io::Write;
use std::time::Duration;

use axum::Router;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// So long may requests go on that had begun before the server was to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// What part of the list a client wants.
#[derive(Deserialize)]
pub struct Pagination {
    #[serde(default)]
    pub offset: usize,
    pub limit: Option<usize>,
}

/// No page is longer than this.
#[derive(Clone, Copy)]
pub struct PageLimit(usize);

impl Default for PageLimit {
    fn default() -> Self {
        PageLimit(1000)
    }
}

impl PageLimit {
    /// How long the page is that a client wants.
    pub fn of(self, pagination: &Pagination) -> usize {
        pagination.limit.unwrap_or(self.0).min(self.0)
    }
}

/// Serves until ctrl-c or SIGTERM, and then what had begun.
pub async fn serve(routes: Router, address: Option<OsString>) -> Result<(), Box<dyn Error>> {
    let address = address.unwrap_or_else(|| "127.0.0.1:3000".into());
    let address = address.to_str().ok_or("the address is no text")?;
    let listener =
        TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    // Unlike `println!`, it doesn't panic when nobody reads on.
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;

    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let serving = axum::serve(listener, routes).with_graceful_shutdown(async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
        _ = stopping.send(());
    });
    let too_late = async {
        _ = stopped.await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = serving => served?,
        () = too_late => eprintln!("some requests take too long, and get no answer"),
    }
    Ok(())
}
