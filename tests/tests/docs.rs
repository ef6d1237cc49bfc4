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
            // The copy of the repository in which the mutants are made has no benchmarks.
            if target.contains("benches") && !repository().join("benches").exists() {
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
    let decisions = read(&docs.join("adr/README.md"));
    let decided: BTreeSet<PathBuf> =
        decisions.lines().flat_map(targets).map(|target| docs.join("adr").join(target)).collect();
    for page in pages_below(&docs) {
        let is_listed = listed.contains(&page) || decided.contains(&page);
        assert!(is_listed || page.ends_with("SUMMARY.md"), "{} is not listed", page.display());
    }
}

#[test]
fn the_code_of_every_page_is_compiled() {
    let compiled = read(&repository().join("tests/src/pages.rs"));
    let mut pages = vec![repository().join("README.md")];
    pages.extend(pages_below(&repository().join("docs")));
    for page in pages {
        let text = read(&page);
        let name = page.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // What the macro takes and gives has gaps in it (`..`); `ui-tests` has the whole of it.
        if name == "macro.md" {
            continue;
        }
        let code: Vec<&str> = text.lines().filter(|line| line.starts_with("```rust")).collect();
        assert!(
            !code.iter().any(|fence| fence.contains("ignore")),
            "{name} has code that nobody compiles"
        );
        let is_compiled = compiled.contains(&format!("/{name}\")]"));
        assert!(code.is_empty() || is_compiled, "{name} is not in tests/src/pages.rs");
    }
}
