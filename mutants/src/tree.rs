//! The copy of the repository in which everything can be taken out.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Result;
use crate::rewrite::rewrite;
use crate::scope;
use crate::site::Site;

/// Where the library is.
const LIBRARY: &str = "prevalent/src";

/// What is no part of the copy, or not needed in it; what was built neither, wherever it lies.
const LEFT_OUT: [&str; 4] = [".git", "data", "benches", "interleavings"];

/// The sites of the library of the repository at `root`.
pub(crate) fn sites(root: &Path) -> Result<Vec<Site>> {
    Ok(library(root)?.1)
}

/// Makes the copy at `to`, or brings it up to date. What is the same keeps its time, so that only what changed is built.
pub(crate) fn copy(root: &Path, to: &Path) -> Result<Vec<Site>> {
    let (texts, sites) = library(root)?;
    let mut kept = Vec::new();
    for file in files(root, root)? {
        let name = file.strip_prefix(root)?;
        if !name.starts_with(LIBRARY) {
            put(&to.join(name), &fs::read(&file)?)?;
            kept.push(to.join(name));
        }
    }
    for (name, text) in texts {
        let path = to.join(LIBRARY).join(name);
        put(&path, text.as_bytes())?;
        kept.push(path);
    }
    if to.exists() {
        for file in files(to, to)? {
            if !kept.contains(&file) {
                fs::remove_file(file)?;
            }
        }
    }
    Ok(sites)
}

/// The files of the library by their names, rewritten, and all sites in them.
type Library = (Vec<(String, String)>, Vec<Site>);

fn library(root: &Path) -> Result<Library> {
    let source = root.join(LIBRARY);
    let mut sites = Vec::new();
    let mut texts = vec![("mutant.rs".to_owned(), include_str!("switch.rs").to_owned())];
    for path in files(&source, &source)? {
        let name = path.strip_prefix(&source)?.to_string_lossy().replace('\\', "/");
        let mut text = fs::read_to_string(&path)?;
        if let Some(scope) = scope::of(&name) {
            text = rewrite(&name, &text, scope, &mut sites)
                .map_err(|error| format!("{}: {error}", path.display()))?;
        }
        if name == "lib.rs" {
            text.push_str("\nmod mutant;\npub(crate) use mutant::mutant;\n");
        }
        texts.push((name, text));
    }
    Ok((texts, sites))
}

/// All files below a directory, in order.
fn files(root: &Path, directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries: std::io::Result<Vec<_>> = fs::read_dir(directory)?.collect();
    let mut paths: Vec<PathBuf> = entries?.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let is = |left: &str| path.file_name().is_some_and(|name| name == left);
        let is_left_out = is("target") || (directory == root && LEFT_OUT.into_iter().any(is));
        if is_left_out {
            continue;
        }
        if path.is_dir() {
            found.extend(files(root, &path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

fn put(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == content) {
        return Ok(());
    }
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    Ok(fs::write(path, content)?)
}
