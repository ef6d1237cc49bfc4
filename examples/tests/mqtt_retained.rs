//! The broker, with a client that others have written; and what is on the disk when it acknowledges.
#![allow(missing_docs, unreachable_pub, dead_code, reason = "tests, and modules of a program")]

mod common;
#[path = "../mqtt_retained/gateway.rs"]
mod gateway;
#[path = "../mqtt_retained/model.rs"]
mod model;
#[path = "common/server.rs"]
mod server;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use gateway::Gateway;
use model::{RetainedStore, matches};
use prevalent::testing::{Fault, Loss, SimDisk};
use rumqttc::{
    Client, ConnAck, Connection, Event, LastWill, MqttOptions, Packet, PubAck, Publish, QoS,
};
use server::Server;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn broker(dir: &Path) -> Server {
    Server::start("mqtt_retained", [dir.into(), OsString::from("127.0.0.1:0")])
}

fn options(broker: &Server, name: &str) -> MqttOptions {
    let (host, port) = broker.address.split_once(':').unwrap();
    let mut options = MqttOptions::new(name, host, port.parse().unwrap());
    options.set_keep_alive(Duration::from_mins(1));
    options
}

/// Reads what comes until it is what is looked for.
fn until<T>(connection: &mut Connection, found: impl Fn(&Packet) -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        match connection.recv_timeout(Duration::from_secs(5)) {
            Ok(Ok(Event::Incoming(packet))) => {
                if let Some(found) = found(&packet) {
                    return found;
                }
            }
            Ok(Ok(Event::Outgoing(_))) => (),
            other => panic!("{other:?}"),
        }
    }
    panic!("it never comes")
}

fn acknowledgement(packet: &Packet) -> Option<u16> {
    if let Packet::PubAck(PubAck { pkid }) = packet { Some(*pkid) } else { None }
}

fn message(packet: &Packet) -> Option<Publish> {
    if let Packet::Publish(publish) = packet { Some(publish.clone()) } else { None }
}

fn suback(packet: &Packet) -> Option<()> {
    matches!(packet, Packet::SubAck(_)).then_some(())
}

/// Publishes one message to be retained, and waits for its acknowledgement.
fn retain(broker: &Server, topic: &str, payload: &str) {
    let (client, mut connection) = Client::new(options(broker, "publisher"), 10);
    client.publish(topic, QoS::AtLeastOnce, true, payload).unwrap();
    until(&mut connection, acknowledgement);
}

/// The first message that a new subscriber gets.
fn first(broker: &Server, filter: &str) -> (String, Vec<u8>, bool) {
    let (client, mut connection) = Client::new(options(broker, "subscriber"), 10);
    client.subscribe(filter, QoS::AtLeastOnce).unwrap();
    let Publish { topic, payload, retain, .. } = until(&mut connection, message);
    (topic, payload.to_vec(), retain)
}

#[test]
fn an_acknowledged_message_survives_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let first_broker = broker(dir.path());
    retain(&first_broker, "house/door", "open");
    retain(&first_broker, "house/attic", "leaks");
    retain(&first_broker, "house/attic", ""); // clears it
    retain(&first_broker, "house/door", "closed");
    first_broker.kill();

    let broker = broker(dir.path());
    assert_eq!(first(&broker, "house/#"), ("house/door".into(), b"closed".into(), true));
    retain(&broker, "house/attic", "dry");
    assert_eq!(first(&broker, "+/attic"), ("house/attic".into(), b"dry".into(), true));
}

#[test]
fn all_that_was_acknowledged_before_a_kill_in_the_middle_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let first_broker = broker(dir.path());
    let (client, mut connection) = Client::new(options(&first_broker, "publisher"), 10);
    let publisher = std::thread::spawn(move || {
        let mut sent = 0;
        while client.publish(format!("sensor/{sent}"), QoS::AtLeastOnce, true, "1").is_ok() {
            sent += 1;
        }
    });
    let mut acknowledged = 0;
    let mut killed = Some(first_broker);
    let start = Instant::now();
    for event in connection.iter() {
        match event {
            Ok(Event::Incoming(Packet::PubAck(_))) => acknowledged += 1,
            Ok(_) => (),
            Err(_) => break,
        }
        if start.elapsed() > Duration::from_millis(300)
            && acknowledged > 0
            && let Some(broker) = killed.take()
        {
            broker.kill();
        }
    }
    assert!(killed.is_none(), "the connection ended before the kill");
    drop(connection);
    publisher.join().unwrap();

    // They are acknowledged in the order in which they are sent.
    let broker = broker(dir.path());
    let (client, mut connection) = Client::new(options(&broker, "subscriber"), 10);
    client.subscribe("sensor/+", QoS::AtMostOnce).unwrap();
    let mut missing: BTreeSet<String> =
        (0..acknowledged).map(|number| format!("sensor/{number}")).collect();
    while !missing.is_empty() {
        missing.remove(&until(&mut connection, message).topic);
    }
}

#[test]
fn a_session_that_is_kept_goes_on_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let connect = |broker: &Server| {
        let mut options = options(broker, "display");
        options.set_clean_session(false);
        let (client, mut connection) = Client::new(options, 10);
        let session_present = until(&mut connection, |packet| match packet {
            Packet::ConnAck(ConnAck { session_present, .. }) => Some(*session_present),
            _ => None,
        });
        (client, connection, session_present)
    };
    let first_broker = broker(dir.path());
    let (client, mut connection, session_present) = connect(&first_broker);
    assert!(!session_present);
    for filter in ["house/+", "garden/#"] {
        client.subscribe(filter, QoS::AtMostOnce).unwrap();
        until(&mut connection, suback);
    }
    client.unsubscribe("house/+").unwrap();
    until(&mut connection, |packet| matches!(packet, Packet::UnsubAck(_)).then_some(()));
    first_broker.kill();

    let broker = broker(dir.path());
    let (_client, mut connection, session_present) = connect(&broker);
    assert!(session_present);
    retain(&broker, "house/door", "open");
    retain(&broker, "garden/gate", "open");
    let Publish { topic, retain, .. } = until(&mut connection, message);
    assert_eq!((topic.as_str(), retain), ("garden/gate", false), "it was published just now");

    // A clean session forgets the kept one.
    let (_client, mut connection) = Client::new(options(&broker, "display"), 10);
    until(&mut connection, |packet| matches!(packet, Packet::ConnAck(_)).then_some(()));
    assert!(!connect(&broker).2);
}

#[test]
fn who_goes_without_a_word_leaves_a_last_will_and_a_new_one_takes_over() {
    let dir = tempfile::tempdir().unwrap();
    let broker = broker(dir.path());
    let mut with_will = options(&broker, "heater");
    with_will.set_last_will(LastWill::new("heater", "offline", QoS::AtLeastOnce, true));
    let (client, mut connection) = Client::new(with_will, 10);
    client.publish("heater", QoS::AtLeastOnce, true, "online").unwrap();
    until(&mut connection, acknowledgement);
    assert_eq!(first(&broker, "heater"), ("heater".into(), b"online".into(), true));

    let (client, mut watched) = Client::new(options(&broker, "watcher"), 10);
    client.subscribe("heater", QoS::AtMostOnce).unwrap();
    until(&mut watched, suback);
    let (_second, mut taken_over) = Client::new(options(&broker, "heater"), 10);
    until(&mut taken_over, |packet| matches!(packet, Packet::ConnAck(_)).then_some(()));
    until(&mut watched, |packet| message(packet).filter(|will| &will.payload[..] == b"offline"));
    assert!(connection.iter().any(|event| event.is_err()), "the older one is disconnected");
}

#[test]
fn a_message_does_not_overtake_one_that_is_retained() {
    let dir = tempfile::tempdir().unwrap();
    let broker = broker(dir.path());
    let (subscriber, mut watched) = Client::new(options(&broker, "subscriber"), 10);
    subscriber.subscribe("house/door", QoS::AtMostOnce).unwrap();
    until(&mut watched, suback);
    let (client, mut connection) = Client::new(options(&broker, "publisher"), 100);
    for number in 0..20 {
        let is_retained = number % 2 == 0;
        client.publish("house/door", QoS::AtMostOnce, is_retained, number.to_string()).unwrap();
    }
    // A connection sends only while somebody asks it for what comes.
    let sending = std::thread::spawn(move || connection.iter().take_while(Result::is_ok).count());
    for number in 0..20 {
        let payload = until(&mut watched, message).payload;
        assert_eq!(&payload[..], number.to_string().as_bytes());
    }
    client.disconnect().unwrap();
    sending.join().unwrap();
}

#[test]
fn nonsense_harms_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let broker = broker(dir.path());
    let connect = b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04evil";
    let publish_qos_2 = b"\x34\x07\x00\x01a\x00\x01xx";
    let publish_to_a_filter = b"\x32\x07\x00\x01#\x00\x01xx";
    let subscribe_to_nothing = b"\x82\x02\x00\x01";
    let acknowledgement_of_nothing = b"\x40\x00";
    let too_long = b"\x30\xff\xff\xff\x7f";
    let not_ascii = b"\x31\x06\x00\x02\xc3\xa9xx"; // a topic, `é`: this one is fine
    let cases: [&[&[u8]]; 9] = [
        &[b"GET / HTTP/1.1\r\nhost: a-name-that-is-long-enough-for-a-length-of-`E`-bytes\r\n\r\n"],
        &[b"\xff\xff\xff\xff\xff\xff"],
        &[not_ascii],
        &[connect, publish_qos_2],
        &[connect, publish_to_a_filter],
        &[connect, subscribe_to_nothing],
        &[connect, acknowledgement_of_nothing],
        &[connect, too_long],
        &[connect, connect],
    ];
    for case in cases {
        let mut stream = TcpStream::connect(&broker.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(&case.concat()).unwrap();
        let mut answer = Vec::new();
        // It ends, by `FIN` or `RST`, with no more than a CONNACK.
        _ = stream.read_to_end(&mut answer);
        assert!(answer.len() <= 4, "{case:?}: {answer:?}");
        assert!(answer.is_empty() || case.len() > 1, "{case:?}: {answer:?}");
    }
    let mut stream = TcpStream::connect(&broker.address).unwrap();
    stream.write_all(&[&connect[..], not_ascii].concat()).unwrap();
    retain(&broker, "house/door", "open");
    assert_eq!(first(&broker, "+/+").0, "house/door");
}

#[test]
fn a_signal_closes_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let first_broker = broker(dir.path());
    retain(&first_broker, "house/door", "open");
    let (_client, mut connection) = Client::new(options(&first_broker, "guest"), 10);
    until(&mut connection, |packet| matches!(packet, Packet::ConnAck(_)).then_some(()));
    let (status, said) = first_broker.stop("TERM");
    assert!(status.success());
    assert_eq!(said, "closed: 1 retained messages\n");
    assert_eq!(first(&broker(dir.path()), "#").0, "house/door");
}

/// A message to be retained.
fn to_retain(topic: &str, payload: &str) -> Publish {
    let mut publish = Publish::new(topic, QoS::AtLeastOnce, payload);
    publish.retain = true;
    publish
}

#[tokio::test]
async fn when_a_message_may_be_acknowledged_no_loss_of_power_takes_it_away() {
    let disk = SimDisk::new();
    let open = |disk: &SimDisk| RetainedStore::builder_in_memory().on_disk(disk.clone()).open();
    let gateway = Gateway::new(open(&disk).await.unwrap());
    for number in 0..5 {
        gateway.publish(to_retain(&format!("topic/{number}"), "1")).await.unwrap();
        // What the disk may have if the power fails at this moment.
        let point = *disk.crash_points().end();
        for image in disk.images_at(point, Loss::KeepOrDrop).take(300) {
            let recovered = open(&image).await.unwrap();
            assert_eq!(recovered.matching("topic/+").len(), number + 1, "{image:?}");
        }
    }
}

#[tokio::test]
async fn a_message_that_does_not_reach_the_disk_is_neither_acknowledged_nor_shown() {
    let disk = SimDisk::new();
    let store = RetainedStore::builder_in_memory().on_disk(disk.clone()).open().await.unwrap();
    let gateway = Gateway::new(store);
    let mut live = gateway.listen();
    gateway.publish(to_retain("topic/0", "1")).await.unwrap();
    assert_eq!(live.try_recv().unwrap().topic, "topic/0");
    disk.fail_from(disk.operations().len(), Fault::Eio);
    gateway.publish(to_retain("topic/1", "1")).await.unwrap_err();
    assert!(live.try_recv().is_err());
    assert_eq!(gateway.store.topics(), 1);
}

#[tokio::test]
async fn what_is_live_last_is_what_is_retained_whichever_connection_is_faster() {
    let gateway = Gateway::new(RetainedStore::in_memory());
    let mut live = gateway.listen();
    let of_one = gateway.publish(to_retain("house/door", "open"));
    let of_another = gateway.publish(to_retain("house/door", "closed"));
    of_another.await.unwrap();
    of_one.await.unwrap();
    assert_eq!(gateway.store.matching("#"), [("house/door".to_owned(), b"closed".to_vec())]);
    let told = [live.try_recv().unwrap().payload, live.try_recv().unwrap().payload];
    assert_eq!(told, ["open", "closed"]);
}

#[tokio::test]
async fn what_a_client_has_published_goes_on_without_it() {
    let gateway = Gateway::new(RetainedStore::in_memory());
    let mut live = gateway.listen();
    drop(gateway.publish(to_retain("heater", "online")));
    gateway.publish(to_retain("heater", "offline")).await.unwrap();
    let told = [live.try_recv().unwrap().payload, live.try_recv().unwrap().payload];
    assert_eq!(told, ["online", "offline"]);
}

#[test]
fn filters_match_as_the_standard_says() {
    let yes = [
        ("sport/tennis/player1/#", "sport/tennis/player1"),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"),
        ("#", "sport"),
        ("sport/+", "sport/"),
        ("+/+", "/finance"),
        ("/+", "/finance"),
        ("$SYS/#", "$SYS/monitor"),
        ("$SYS/monitor/+", "$SYS/monitor/Clients"),
        ("é/+", "é/ü"),
    ];
    for (filter, topic) in yes {
        assert!(matches(filter, topic), "{filter} {topic}");
    }
    let no = [
        ("sport/+", "sport"),
        ("sport/tennis/+", "sport/tennis/player1/ranking"),
        ("+", "/finance"),
        ("#", "$SYS/monitor"),
        ("+/monitor/Clients", "$SYS/monitor/Clients"),
        ("sport", "Sport"),
        ("sport/tennis", "sport"),
    ];
    for (filter, topic) in no {
        assert!(!matches(filter, topic), "{filter} {topic}");
    }
}
