//! The pages: what they link is there, what they must have they have, and their code is compiled.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All Markdown files below a directory, but for what was built.
fn pages_below(dir: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(dir).expect("the repository can be listed") {
        let path = entry.expect("the repository can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            // Of what begins with a dot, only what is for GitHub is ours.
            if name != "target" && (!name.starts_with('.') || name == ".github") {
                pages.extend(pages_below(&path));
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages
}

/// The lines of a page that are not code.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    page.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

/// Where the links of a line go: `[text](target)` and `[name]: target`.
fn targets(line: &str) -> Vec<&str> {
    let mut targets: Vec<&str> =
        line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()).collect();
    if line.starts_with('[')
        && let Some((_, target)) = line.split_once("]: ")
    {
        targets.push(target.trim());
    }
    targets
}

/// The anchors of a page's headings, as GitHub and mdBook make them.
fn anchors(page: &str) -> BTreeSet<String> {
    prose(page)
        .filter(|line| line.starts_with('#'))
        .map(|heading| {
            heading
                .trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

#[test]
fn every_relative_link_of_a_page_leads_somewhere() {
    let mut broken = Vec::new();
    let mut links = 0;
    for page in pages_below(&repository()) {
        let text = read(&page);
        for target in prose(&text).flat_map(targets) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            // The copy of the repository in which the mutants are made has neither.
            let is_left_out = |dir: &str| target.contains(dir) && !repository().join(dir).exists();
            if ["benches", "interleavings"].into_iter().any(is_left_out) {
                continue;
            }
            links += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let linked = match file {
                "" => page.clone(),
                file => page.parent().expect("a page lies in a directory").join(file),
            };
            let is_there = match anchor {
                "" => linked.exists(),
                anchor => linked.is_file() && anchors(&read(&linked)).contains(anchor),
            };
            if !is_there {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(links > 100, "{links} links were found, which can't be all");
}

/// The names of an enum's variants, from its source, as rustfmt sets it.
fn variants(source: &str, name: &str) -> BTreeSet<String> {
    let (_, body) =
        source.split_once(&format!("pub enum {name} {{\n")).expect("the enum is in the source");
    let (body, _) = body.split_once("\n}\n").expect("the enum ends");
    body.lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| line.chars().take_while(char::is_ascii_alphanumeric).collect())
        .collect()
}

#[test]
fn every_error_has_its_row_in_the_page_of_errors() {
    let source = repository().join("prevalent/src");
    let mut expected = variants(&read(&source.join("error.rs")), "Error");
    assert!(expected.contains("Locked") && expected.contains("Closed"), "{expected:?}");
    let schema = variants(&read(&source.join("error/schema.rs")), "SchemaError");
    assert!(schema.contains("Undecodable"), "{schema:?}");
    expected.extend(schema);

    let page = read(&repository().join("docs/errors.md"));
    let told: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|row| Some(row.split_once('`')?.0.to_owned()))
        .collect();
    let missing: Vec<_> = expected.difference(&told).collect();
    let unknown: Vec<_> = told.difference(&expected).collect();
    assert!(missing.is_empty(), "docs/errors.md doesn't say what these mean: {missing:?}");
    assert!(unknown.is_empty(), "docs/errors.md has what is no error: {unknown:?}");
}

#[test]
fn every_page_of_the_guide_is_in_its_summary() {
    let docs = repository().join("docs");
    let summary = read(&docs.join("SUMMARY.md"));
    let listed: BTreeSet<PathBuf> =
        summary.lines().flat_map(targets).map(|target| docs.join(target)).collect();
    // mdBook makes no others.
    for page in pages_below(&docs) {
        let is_listed = listed.contains(&page) || page.ends_with("SUMMARY.md");
        assert!(is_listed, "{} is not listed", page.display());
    }
}

#[test]
fn every_decision_is_in_the_list_of_decisions() {
    let decisions = repository().join("docs/adr");
    let list = read(&decisions.join("README.md"));
    let listed: BTreeSet<&str> = list.lines().flat_map(targets).collect();
    for page in pages_below(&decisions) {
        let name = page.file_name().unwrap_or_default().to_string_lossy();
        assert!(listed.contains(&*name) || name == "README.md", "{name} is not listed");
    }
}

/// The globs in the table of the macro's rules, `arguments/serde_*`: within a row, the first one names the directory for those
/// behind it.
fn globs_of_rules(page: &str) -> Vec<String> {
    let (_, rules) = page.split_once("\n## Rules\n").expect("the page has a section of rules");
    let (rules, _) = rules.split_once("\n## ").expect("another section follows");
    let rows = rules.lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    let cells = rows.filter_map(|row| Some(row.rsplit_once('|')?.1));
    let globs = cells.flat_map(|cell| {
        let mut directory = "";
        cell.split('`').skip(1).step_by(2).map(move |glob| match glob.split_once('/') {
            Some((of_its_own, _)) => {
                directory = of_its_own;
                glob.to_owned()
            }
            None => format!("{directory}/{glob}"),
        })
    });
    globs.collect()
}

/// Whether a name is of the form that a glob says; `*` stands for anything.
fn matches(glob: &str, name: &str) -> bool {
    match glob.split_once('*') {
        None => glob == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|end| {
            end.char_indices()
                .map(|(at, _)| at)
                .chain([end.len()])
                .any(|at| matches(rest, &end[at..]))
        }),
    }
}

#[test]
fn every_case_that_the_macro_refuses_is_in_the_table_of_its_rules() {
    let globs = globs_of_rules(&read(&repository().join("docs/macro.md")));
    let mut cases = BTreeSet::new();
    for directory in fs::read_dir(repository().join("ui-tests/fail")).expect("there are cases") {
        let directory = directory.expect("they can be listed").path();
        let theme = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for case in fs::read_dir(&directory).expect("a directory of cases") {
            let case = case.expect("they can be listed").path();
            if case.extension().is_some_and(|extension| extension == "rs") {
                let name = case.file_stem().unwrap_or_default().to_string_lossy();
                cases.insert(format!("{theme}/{name}"));
            }
        }
    }
    assert!(cases.len() > 100, "{} cases were found, which can't be all", cases.len());

    let is_told = |case: &&String| globs.iter().any(|glob| matches(glob, case));
    let untold: Vec<_> = cases.iter().filter(|case| !is_told(case)).collect();
    assert!(untold.is_empty(), "docs/macro.md has no rule for these cases: {untold:#?}");
    let is_idle = |glob: &&String| !cases.iter().any(|case| matches(glob, case));
    let idle: Vec<_> = globs.iter().filter(is_idle).collect();
    assert!(idle.is_empty(), "docs/macro.md names cases that aren't there: {idle:#?}");
}

#[test]
fn the_code_of_every_page_is_compiled() {
    let compiled = read(&repository().join("tests/src/pages.rs"));
    let mut pages = vec![repository().join("README.md")];
    pages.extend(pages_below(&repository().join("docs")));
    for page in pages {
        let text = read(&page);
        let name = page.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let code: Vec<&str> = text.lines().filter(|line| line.starts_with("```rust")).collect();
        assert!(
            !code.iter().any(|fence| fence.contains("ignore")),
            "{name} has code that nobody compiles"
        );
        let is_compiled = compiled.contains(&format!("/{name}\")]"));
        assert!(code.is_empty() || is_compiled, "{name} is not in tests/src/pages.rs");
    }
}
