//! The flights example, as a user runs it.
#![allow(missing_docs, unreachable_pub, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Output;

use common::example;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/nyc-flights-2013-01.csv.gz");
const HEADER: &str = "month,day,sched_dep_time,dep_time,dep_delay,sched_arr_time,arr_time,arr_delay,carrier,flight,tailnum,origin,dest,distance";
const GOOD: &str = "1,1,515,517,2,819,830,11,UA,1545,N14228,EWR,IAH,1400";

/// The lines of a board: carrier, scheduled, cancelled, mean delay.
type Lines = Vec<[String; 4]>;

/// The board before the store was closed, which must be the same as the one after it was opened again.
fn board(output: &Output) -> Lines {
    let stdout = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{stdout}{}", String::from_utf8_lossy(&output.stderr));
    let boards: Vec<Lines> = stdout
        .split("\n\n")
        .filter(|paragraph| paragraph.starts_with("carrier"))
        .map(|paragraph| paragraph.lines().skip(1).map(words).collect())
        .collect();
    let [before, after] = &boards[..] else { panic!("not two boards: {stdout}") };
    assert_eq!(before, after);
    before.clone()
}

fn words(line: &str) -> [String; 4] {
    let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
    words.try_into().unwrap()
}

/// Runs a file of these lines: the board, and what was said about bad rows.
fn replay(lines: &[&str]) -> (Lines, String) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("flights.csv");
    fs::write(&file, lines.join("\n")).unwrap();
    let output = example("flights").arg(&file).output().unwrap();
    (board(&output), String::from_utf8(output.stderr).unwrap())
}

fn lines(lines: &[[&str; 4]]) -> Lines {
    lines.iter().map(|line| line.map(str::to_owned)).collect()
}

/// The same figures by a plain loop over the file.
fn computed(path: &Path) -> Lines {
    let mut sums: BTreeMap<String, (u32, u32, i32)> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(path).unwrap()));
    for row in reader.deserialize() {
        let row: BTreeMap<String, String> = row.unwrap();
        for name in [&row["carrier"], "all"] {
            let (scheduled, cancelled, delay) = sums.entry(name.to_owned()).or_default();
            *scheduled += 1;
            match row["dep_time"].as_str() {
                "NA" => *cancelled += 1,
                _ => *delay += row["dep_delay"].parse::<i32>().unwrap(),
            }
        }
    }
    sums.into_iter()
        .map(|(name, (scheduled, cancelled, delay))| {
            let mean = f64::from(delay) / f64::from(scheduled - cancelled);
            [name, scheduled.to_string(), cancelled.to_string(), format!("{mean:.1}")]
        })
        .collect()
}

#[test]
fn the_board_agrees_with_a_plain_computation() {
    let output = example("flights").output().unwrap();
    assert_eq!(board(&output), computed(Path::new(DATA)));
    assert!(output.stderr.is_empty());
}

#[test]
fn a_store_that_is_kept_has_all_flights_the_next_time() {
    let dir = tempfile::tempdir().unwrap();
    let run = |file: &str, content: &[&str]| {
        let file = dir.path().join(file);
        fs::write(&file, content.join("\n")).unwrap();
        example("flights").arg("--dir").arg(dir.path().join("store")).arg(file).output().unwrap()
    };
    let first = run("first.csv", &[HEADER, GOOD]);
    assert_eq!(board(&first)[1], words("all 1 0 2.0"));
    let second = run("second.csv", &[HEADER, GOOD, &GOOD.replace("1545", "1546")]);
    assert_eq!(board(&second)[1], words("all 2 0 2.0"));
    let stderr = String::from_utf8(second.stderr).unwrap();
    assert!(stderr.starts_with("line 2 skipped"), "{stderr}");
}

#[test]
fn columns_are_found_by_name_in_a_file_of_any_order() {
    let (board, stderr) = replay(&[
        "\u{feff}dest,weather,origin,\"flight\",carrier,arr_delay,arr_time,sched_arr_time,dep_delay,dep_time,sched_dep_time,day,month,year",
        "IAH,fine,EWR,1545,\"UA\",11,830,819,-2,513,515,1,1,2013",
        "IAH,\"fine, so far\",EWR,1545,\"UA\",11,830,819,4,519,515,1,1,2014",
    ]);
    assert_eq!(stderr, "");
    assert_eq!(board, lines(&[["UA", "2", "0", "1.0"], ["all", "2", "0", "1.0"]]));
}

#[test]
fn compressed_files_are_read_and_line_ends_may_be_of_either_kind() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("flights.csv.gz");
    let mut encoder = GzEncoder::new(File::create(&file).unwrap(), Compression::fast());
    write!(encoder, "{HEADER}\r\n{GOOD}\r\n").unwrap();
    encoder.finish().unwrap();
    let output = example("flights").arg(&file).output().unwrap();
    assert_eq!(board(&output)[1], words("all 1 0 2.0"));
}

#[test]
fn a_bad_row_is_reported_with_its_line_and_harms_no_other() {
    let bad = [
        ("1,1,515,5x7,2,819,830,11,AA,1,N1,EWR,IAH,1400", "`dep_time` is `5x7`"),
        ("1,1,515,517,2,819,2460,11,AA,1,N1,EWR,IAH,1400", "`arr_time` is `2460`"),
        ("1,1,515,517,2,819,830,1.5,AA,1,N1,EWR,IAH,1400", "`arr_delay` is `1.5`"),
        ("1,1,515,517,NA,819,830,11,AA,1,N1,EWR,IAH,1400", "`dep_delay` is missing"),
        ("2,30,515,517,2,819,830,11,AA,1,N1,EWR,IAH,1400", "no day 30 in month 2"),
        ("1,1,515,517,2,819,830,11,,1,N1,EWR,IAH,1400", "`carrier` is missing"),
        ("1,1,515,NA,NA,819,830,11,AA,1,N1,EWR,IAH,1400", "no `dep_time`"),
        ("1,1,515,517,2,819", "6 fields instead of 14"),
        ("\"1,1,515,517,2,819,830,11,AA,1,N1,EWR,IAH,1400", "1 fields instead of 14"),
        (GOOD, "UA1545 from EWR on 01-01: this flight is scheduled already"),
    ];
    let mut file = vec![HEADER, GOOD, ""];
    file.extend(bad.iter().map(|(row, _)| row));
    let last = GOOD.replace("UA,1545", "AA,1");
    file.push(&last);

    let (board, stderr) = replay(&file);
    let one_each = [["AA", "1", "0", "2.0"], ["UA", "1", "0", "2.0"], ["all", "2", "0", "2.0"]];
    assert_eq!(board, lines(&one_each));
    let mut reports: Vec<_> = stderr.lines().collect();
    reports.sort_by_key(|report| report.split(' ').nth(1).unwrap().parse::<u32>().unwrap());
    assert_eq!(reports.len(), bad.len(), "{stderr}");
    for ((report, (_, reason)), line) in reports.iter().zip(bad).zip(4..) {
        assert!(report.starts_with(&format!("line {line} skipped: ")), "{report}");
        assert!(report.contains(reason), "{report} should say {reason}");
    }
}

#[test]
fn a_line_that_is_no_text_is_a_bad_row() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("flights.csv");
    let content = [HEADER.as_bytes(), b"\n\xff\xfe,1\n", GOOD.as_bytes()].concat();
    fs::write(&file, content).unwrap();
    let output = example("flights").arg(&file).output().unwrap();
    assert_eq!(board(&output)[1], words("all 1 0 2.0"));
    assert!(output.stderr.starts_with(b"line 2 skipped"));
}

#[test]
fn a_repeated_key_moves_the_first_flight_no_further() {
    let (board, stderr) = replay(&[
        HEADER,
        "1,1,515,NA,NA,819,NA,NA,UA,1,NA,EWR,IAH,1400",
        "1,1,515,600,45,819,900,41,UA,1,N1,EWR,IAH,1400",
        "1,2,515,600,45,819,NA,NA,UA,1,N1,EWR,IAH,1400",
        "1,1,515,600,45,819,NA,NA,UA,1,N1,JFK,IAH,1400",
    ]);
    assert_eq!(board, lines(&[["UA", "3", "1", "45.0"], ["all", "3", "1", "45.0"]]));
    assert!(stderr.starts_with("line 3 skipped"), "{stderr}");
}

#[test]
fn a_carrier_that_never_left_has_no_mean() {
    let (board, _) = replay(&[HEADER, "1,1,515,NA,NA,2400,NA,NA,UA,1,NA,EWR,IAH,1400"]);
    assert_eq!(board, lines(&[["UA", "1", "1", "-"], ["all", "1", "1", "-"]]));
}

#[test]
fn midnight_is_a_time_of_day() {
    let (board, stderr) = replay(&[HEADER, "1,1,2359,2400,1,2400,5,5,UA,1,NA,EWR,BOS,200"]);
    assert_eq!(stderr, "");
    assert_eq!(board[1], words("all 1 0 1.0"));
}

#[test]
fn a_file_without_rows_is_an_empty_board() {
    let (board, stderr) = replay(&[HEADER]);
    assert_eq!(stderr, "");
    assert_eq!(board, lines(&[["all", "0", "0", "-"]]));
}

#[test]
fn a_file_that_can_hold_no_flights_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("flights.csv");
    for (content, reason) in [
        ("", "it is empty"),
        ("\n", "its header lacks month, day"),
        ("month,day,carrier", "its header lacks sched_dep_time"),
    ] {
        fs::write(&file, content).unwrap();
        let output = example("flights").arg(&file).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{content:?}");
        assert!(stderr.contains(reason), "{content:?}: {stderr}");
    }
    let missing = example("flights").arg(dir.path().join("nothing.csv")).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
}
