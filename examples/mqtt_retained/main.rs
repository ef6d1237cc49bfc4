//! A gateway that remembers: an MQTT broker whose retained messages survive `kill -9`, and the loss of power.
//!
//! ```sh
//! cargo run --release --example mqtt_retained         # or: -- data/mqtt 127.0.0.1:1883
//! mosquitto_pub -q 1 -r -t house/door -m open         # returns when the message is on stable storage
//! mosquitto_sub -t 'house/#' -v                       # kill -9 the broker, start it again: `house/door open`
//! ```
//!
//! Many brokers keep retained messages in memory, and write them to a file now and then: what they have acknowledged since
//! is lost with the power. Here a `PUBACK` is sent when the commit resolves ([`gateway`] and [`connection`]): the device may
//! forget the message then. Many are on their way at the same time, and share a sync. Subscriptions of sessions that are
//! kept (`mosquitto_sub -c -i NAME`) are in the store, too.
//!
//! It is a part of MQTT 3.1.1: publishing with `QoS` 0 and 1, subscriptions with `QoS` 0, retained messages, last wills, sessions,
//! keep-alive. There is no `QoS` 2, no TLS, and no password: bind it to where only friends are. The codec is that of `rumqttc`.
//!
//! It prints `listening on 127.0.0.1:1883`, and runs until ctrl-c or SIGTERM; then `closed: 1 retained messages`.
#![expect(unreachable_pub, reason = "`pub` is what a module offers to the others of this program")]

mod connection;
mod gateway;
mod model;

use std::convert::Infallible;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::connection::serve;
use crate::gateway::Gateway;
use crate::model::RetainedStore;

/// Why something failed, for a message.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mqtt_retained: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let mut arguments = std::env::args_os().skip(1);
    let dir = arguments.next().map_or_else(|| "data/mqtt".into(), PathBuf::from);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:1883".into());
    let address = address.to_str().ok_or("the address is no text")?;

    let store = RetainedStore::open(dir).await?;
    let listener =
        TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    // Unlike `println!`, it doesn't panic when nobody reads on.
    writeln!(std::io::stdout(), "listening on {}", listener.local_addr()?)?;
    let gateway = Gateway::new(store.clone());
    tokio::select! {
        accepted = accept(&listener, &gateway) => match accepted {},
        _ = terminate.recv() => (),
        _ = interrupt.recv() => (),
    }

    // Whoever has no PUBACK by now sends the message again, to the next one.
    store.close().await?;
    writeln!(std::io::stdout(), "closed: {} retained messages", store.topics())?;
    Ok(())
}

/// Each client has a task. What goes wrong with one harms no other.
async fn accept(listener: &TcpListener, gateway: &Gateway) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let serving = serve(stream, gateway.clone());
                tokio::spawn(async move {
                    if let Err(error) = serving.await {
                        eprintln!("mqtt_retained: {error}");
                    }
                });
            }
            // Too many open files, say: it passes.
            Err(error) => {
                eprintln!("mqtt_retained: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}
