//! A connection of a client.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, SinkExt, StreamExt};
use rumqttc::{
    Codec, ConnAck, Connect, ConnectReturnCode, LastWill, Packet, Protocol, PubAck, Publish, QoS,
    SubAck, Subscribe, SubscribeReasonCode, UnsubAck, Unsubscribe, valid_filter, valid_topic,
};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::codec::Framed;

use crate::Failure;
use crate::gateway::Gateway;
use crate::model::matches;

const PACKET_BYTES_MAX: usize = 1 << 20;
/// So many messages of one client may be on their way to the disk.
const IN_FLIGHT_MAX: usize = 1000;
/// So long may a client take for its first packet, and to take what it is sent.
const PATIENCE: Duration = Duration::from_secs(10);

struct Connection {
    frames: Framed<TcpStream, Codec>,
    gateway: Gateway,
    client: String,
    /// What the client has subscribed to.
    filters: BTreeSet<String>,
    /// Whether that is kept beyond this connection.
    session: Session,
    /// What the client has published, and is not on stable storage yet.
    in_flight: FuturesOrdered<BoxFuture<'static, Result<Publish, Failure>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Session {
    Clean,
    Kept,
}

/// Serves a client until it goes.
pub async fn serve(stream: TcpStream, gateway: Gateway) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let anonymous = format!("anonymous at {}", stream.peer_addr()?);
    // A message goes out again with what little a broker adds.
    let codec =
        Codec { max_incoming_size: PACKET_BYTES_MAX, max_outgoing_size: 2 * PACKET_BYTES_MAX };
    let mut frames = Framed::new(stream, codec);
    let mut connect = match timeout(PATIENCE, frames.next()).await? {
        Some(Ok(Packet::Connect(connect))) => connect,
        Some(Ok(_)) => return Err("the first packet is no CONNECT".into()),
        Some(Err(error)) => return Err(error.into()),
        None => return Ok(()),
    };
    if let Some(refusal) = refusal(&connect) {
        let refused = Packet::ConnAck(ConnAck::new(refusal, false));
        return Ok(timeout(PATIENCE, frames.send(refused)).await??);
    }
    if connect.client_id.is_empty() {
        connect.client_id = anonymous;
    }

    let client = connect.client_id.clone();
    let taken_over = gateway.take_over(&client);
    let mut connection = Connection {
        frames,
        gateway: gateway.clone(),
        client: client.clone(),
        filters: BTreeSet::new(),
        session: if connect.clean_session { Session::Clean } else { Session::Kept },
        in_flight: FuturesOrdered::new(),
    };
    let outcome = tokio::select! {
        outcome = connection.run(&connect) => outcome,
        () = taken_over.notified() => Err("another client has the same name".into()),
    };
    gateway.leave(&client, &taken_over);
    // Whoever goes without a word has left one. It comes behind what the client has published, which goes on its way without it.
    if let (Err(_), Some(LastWill { topic, message, qos, retain })) = (&outcome, connect.last_will)
    {
        let will = Publish { retain, ..Publish::from_bytes(topic, qos, message) };
        gateway.publish(will).await?;
    }
    outcome.map_err(|error| format!("{client}: {error}").into())
}

fn refusal(connect: &Connect) -> Option<ConnectReturnCode> {
    let will = connect.last_will.as_ref();
    if connect.protocol != Protocol::V4 {
        Some(ConnectReturnCode::RefusedProtocolVersion)
    } else if connect.client_id.is_empty() && !connect.clean_session {
        Some(ConnectReturnCode::BadClientId)
    } else if will.is_some_and(|will| will.topic.is_empty() || !valid_topic(&will.topic)) {
        Some(ConnectReturnCode::ServiceUnavailable)
    } else {
        None
    }
}

impl Connection {
    /// Until the client says that it goes, or fails.
    async fn run(&mut self, connect: &Connect) -> Result<(), Failure> {
        let mut live = self.gateway.listen();
        self.greet().await?;
        let keep_alive = Duration::from_secs(connect.keep_alive.into()) * 3 / 2;
        let silence = sleep(keep_alive);
        tokio::pin!(silence);
        loop {
            tokio::select! {
                packet = self.frames.next(), if self.in_flight.len() < IN_FLIGHT_MAX => {
                    silence.as_mut().reset(Instant::now() + keep_alive);
                    match packet.transpose()? {
                        Some(Packet::Publish(publish)) => self.publish(publish)?,
                        Some(Packet::Subscribe(subscribe)) => self.subscribe(subscribe).await?,
                        Some(Packet::Unsubscribe(topics)) => self.unsubscribe(topics).await?,
                        Some(Packet::PingReq) => self.send(Packet::PingResp).await?,
                        Some(Packet::Disconnect) => return Ok(()),
                        Some(_) => return Err("this packet is not for a broker".into()),
                        None => return Err("the connection was lost".into()),
                    }
                }
                // In the order in which they came. It is on stable storage, and so it is acknowledged.
                Some(published) = self.in_flight.next() => {
                    let Publish { qos, pkid, .. } = published?;
                    if qos == QoS::AtLeastOnce {
                        self.send(Packet::PubAck(PubAck::new(pkid))).await?;
                    }
                }
                message = live.recv() => {
                    // An error is one of a client who is too slow.
                    let Publish { topic, payload, .. } = message?;
                    if self.filters.iter().any(|filter| matches(filter, &topic)) {
                        let message = Publish::from_bytes(topic, QoS::AtMostOnce, payload);
                        self.send(Packet::Publish(message)).await?;
                    }
                }
                () = &mut silence, if !keep_alive.is_zero() => {
                    return Err("it was silent for too long".into());
                }
            }
        }
    }

    /// Begins a session, or goes on with the one that is kept.
    async fn greet(&mut self) -> Result<(), Failure> {
        let store = &self.gateway.store;
        let kept = store.session(&self.client);
        let is_present = self.session == Session::Kept && kept.is_some();
        match (self.session, kept) {
            (Session::Kept, Some(filters)) => self.filters = filters,
            (Session::Kept, None) => store.begin_session(self.client.clone()).await?,
            (Session::Clean, Some(_)) => store.end_session(&self.client).await?,
            (Session::Clean, None) => (),
        }
        self.send(Packet::ConnAck(ConnAck::new(ConnectReturnCode::Success, is_present))).await
    }

    fn publish(&mut self, publish: Publish) -> Result<(), Failure> {
        if publish.qos == QoS::ExactlyOnce {
            return Err("there is no QoS 2 here".into());
        }
        if publish.topic.is_empty() || !valid_topic(&publish.topic) {
            return Err(format!("`{}` is no topic to publish to", publish.topic).into());
        }
        self.in_flight.push_back(self.gateway.publish(publish).boxed());
        Ok(())
    }

    async fn subscribe(&mut self, subscribe: Subscribe) -> Result<(), Failure> {
        let paths = subscribe.filters.into_iter().map(|filter| filter.path);
        let (filters, codes): (Vec<_>, Vec<_>) = paths
            .map(|path| {
                if valid_filter(&path) {
                    (Some(path), SubscribeReasonCode::Success(QoS::AtMostOnce))
                } else {
                    (None, SubscribeReasonCode::Failure)
                }
            })
            .unzip();
        let filters: Vec<String> = filters.into_iter().flatten().collect();
        if self.session == Session::Kept {
            self.gateway.store.add_filters(&self.client, filters.clone()).await?;
        }
        self.send(Packet::SubAck(SubAck::new(subscribe.pkid, codes))).await?;
        for filter in filters {
            for (topic, payload) in self.gateway.store.matching(&filter) {
                let message = Publish::new(topic, QoS::AtMostOnce, payload);
                self.send(Packet::Publish(Publish { retain: true, ..message })).await?;
            }
            self.filters.insert(filter);
        }
        Ok(())
    }

    async fn unsubscribe(&mut self, unsubscribe: Unsubscribe) -> Result<(), Failure> {
        self.filters.retain(|filter| !unsubscribe.topics.contains(filter));
        if self.session == Session::Kept {
            self.gateway.store.remove_filters(&self.client, &unsubscribe.topics).await?;
        }
        self.send(Packet::UnsubAck(UnsubAck::new(unsubscribe.pkid))).await
    }

    async fn send(&mut self, packet: Packet) -> Result<(), Failure> {
        Ok(timeout(PATIENCE, self.frames.send(packet)).await??)
    }
}
