use super::*;
use crate::scope::Looked;

const ALL: Scope = Scope { checks: Looked::For, predicates: Looked::For, engine: Looked::For };

/// The kinds and texts of the sites, and the code behind them.
#[track_caller]
fn rewritten(source: &str) -> (Vec<(Kind, String)>, String) {
    let mut sites = Vec::new();
    let text = rewrite("a.rs", source, ALL, &mut sites).unwrap();
    let found = sites.into_iter().map(|site| (site.kind, site.key.text)).collect();
    (found, text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[track_caller]
fn assert_sites(source: &str, expected: &[(Kind, &str)]) {
    let (found, text) = rewritten(source);
    let found: Vec<(Kind, &str)> = found.iter().map(|(kind, it)| (*kind, it.as_str())).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn each_part_of_what_refuses_is_a_site() {
    let source =
        "fn f() -> Result<u8, E> { if a != b || (c > LIMIT && d) { return Err(E); } Ok(1) }";
    assert_sites(source, &[(Kind::Check, "a != b"), (Kind::Bound, "c > LIMIT && d")]);
    let (_, text) = rewritten(source);
    assert!(text.contains("((a != b) && !crate::mutant(1u32))"), "{text}");
}

#[test]
fn what_is_accepted_before_a_refusal_is_a_site() {
    let source = "fn f() -> Result<u8, E> { if a && b { Ok(1) } else { Err(E) } }";
    assert_sites(source, &[(Kind::Check, "unless a"), (Kind::Check, "unless b")]);
    let source = "fn f() -> Result<(), E> { if a { return Ok(()); } Err(E) }";
    assert_sites(source, &[(Kind::Check, "Err(E)")]);
    let source = "fn f() -> u8 { match x { A if hash(a) == b => 1, _ => return Err(E) } }";
    let expected = [(Kind::Checksum, "unless hash(a) == b"), (Kind::Needed, "_ => return Err(E)")];
    assert_sites(source, &expected);
}

#[test]
fn a_condition_that_binds_goes_on_binding() {
    let source = "fn f() -> Option<u8> { if let Some(a) = b && a > 1 { return None; } g() }";
    let (_, text) = rewritten(source);
    assert!(text.contains("if let Some(a) = b && a > 1 && !crate::mutant(1u32)"), "{text}");
}

#[test]
fn what_makes_durable_may_be_left_out_or_fail_or_come_too_late() {
    let source = "fn f() -> Result<(), E> { a.sync()?; b.rename(c)?; Ok(()) }";
    let expected = [
        (Kind::FileSync, "a.sync()"),
        (Kind::PassedOver, "the error of a.sync()"),
        (Kind::PassedOver, "the error of b.rename(c)"),
        (Kind::Order, "a.sync()?; before b.rename(c)?;"),
    ];
    assert_sites(source, &expected);
    assert_sites("fn f() { let _ = a.sync_dir(); }", &[(Kind::DirectorySync, "a.sync_dir()")]);
}

#[test]
fn the_error_of_a_call_for_its_own_sake_may_be_passed_over() {
    let source = "fn f() -> Result<(), E> { a.publish(b).map_err(w)?; g(); a.sync().map_err(w)?; \
                  let d = e()?; check(d)?; Ok(()) }";
    let expected = [
        (Kind::PassedOver, "the error of a.publish(b).map_err(w)"),
        (Kind::FileSync, "a.sync()"),
        (Kind::PassedOver, "the error of a.sync()"),
        (Kind::Check, "check(d)"),
    ];
    assert_sites(source, &expected);
}

#[test]
fn what_becomes_of_a_site_is_known_as_long_as_its_function_is_the_same() {
    let code_of = |source: &str| {
        let mut sites = Vec::new();
        rewrite("a.rs", source, ALL, &mut sites).unwrap();
        sites[0].code
    };
    let before = code_of("fn f() { a.sync(); }");
    assert_eq!(before, code_of("fn g() {} fn f() { // why\n a.sync(); }"));
    assert_ne!(before, code_of("fn f() { b(); a.sync(); }"));
}

#[test]
fn what_ends_all_writing_and_how_far_it_came_may_be_forgotten() {
    let source = "fn f() { self.fail(a); queue.phase = b; if self.failure().is_some() { g(); } }";
    let expected = [
        (Kind::Latch, "self.fail(a)"),
        (Kind::Progress, "queue.phase = b"),
        (Kind::Latch, "self.failure()"),
    ];
    assert_sites(source, &expected);
}

#[test]
fn what_is_limited_may_be_without_limits() {
    let source =
        "fn f() { let a = b.min(C_MAX); for d in e.iter().take(F_MAX) { while g < H_MAX {} } }";
    let expected = [
        (Kind::Bound, "b.min(C_MAX)"),
        (Kind::Bound, "e.iter().take(F_MAX)"),
        (Kind::Bound, "unless g < H_MAX"),
    ];
    assert_sites(source, &expected);
}

#[test]
fn a_predicate_is_wrong_in_parts_and_as_a_whole() {
    let source = "fn is_good() -> bool { a == b && c }";
    let expected = [
        (Kind::Predicate, "unless a == b"),
        (Kind::Predicate, "unless c"),
        (Kind::Predicate, "a == b && c"),
    ];
    assert_sites(source, &expected);
}

#[test]
fn where_a_value_is_needed_its_lack_is_a_panic() {
    let source = "fn f() -> Option<u8> { let Some(a) = b else { return None }; c.ok_or(E)? }";
    let expected = [(Kind::Needed, "let Some(a) = b else"), (Kind::Needed, "c.ok_or(E)")];
    assert_sites(source, &expected);
}

#[test]
fn nothing_of_tests_and_constants_is_a_site() {
    let source = "#[cfg(test)] mod tests { fn f() { a.sync(); } } const A: bool = b > C_MAX; \
                  const fn f() -> bool { a.len() > A_MAX }";
    assert_sites(source, &[]);
}

#[test]
fn the_same_text_in_a_function_is_counted() {
    let mut sites = Vec::new();
    rewrite("a.rs", "fn f() { a.sync_data(); a.sync_data(); }", ALL, &mut sites).unwrap();
    let ordinals: Vec<usize> = sites
        .iter()
        .filter(|site| site.kind == Kind::FileSync)
        .map(|site| site.key.ordinal)
        .collect();
    assert_eq!(ordinals, [1, 2]);
}
