//! The specs of a git revision of this repository, read from its objects.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::Failure;
use crate::import::Texts;
use crate::workspace;

/// The YAML files below `specs/` at a revision.
pub(crate) fn texts(revision: &str) -> Result<Texts, Failure> {
    let unknown = || format!("`{revision}` is neither a folder nor a revision of this repository");
    if revision.starts_with('-') {
        return Err(unknown().into());
    }
    let commit = format!("{revision}^{{commit}}");
    let commit = git(&["rev-parse", "--verify", "--quiet", &commit], "").map_err(|_| unknown())?;
    let commit = String::from_utf8(commit)?;
    let listed = git(&["ls-tree", "-r", "-z", "--full-tree", commit.trim(), "specs/"], "")?;
    let listed = String::from_utf8(listed)?;
    let files: Vec<_> = listed.split('\0').filter_map(entry).filter(|(_, file)| file.ends_with(".yaml")).collect();
    if files.is_empty() {
        return Err(format!("`{revision}` has no specs").into());
    }
    let objects: String = files.iter().map(|(object, _)| format!("{object}\n")).collect();
    let contents = git(&["cat-file", "--batch"], &objects)?;
    let mut rest = contents.as_slice();
    let mut texts = Texts::new();
    for (_, file) in files {
        let (text, after) = object(rest).ok_or("git cat-file answered in another form")?;
        texts.insert(file.to_owned(), String::from_utf8(text.to_vec())?);
        rest = after;
    }
    Ok(texts)
}

/// `<mode> blob <object>\t<path>`.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (head, file) = line.split_once('\t')?;
    let mut words = head.split(' ').skip(1);
    (words.next()? == "blob").then_some((words.next()?, file.strip_prefix("specs/")?))
}

/// `<object> blob <size>\n<content>\n`.
fn object(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let size: usize = head.rsplit(' ').next()?.parse().ok()?;
    let content = bytes.get(end + 1..end + 1 + size)?;
    Some((content, bytes.get(end + 2 + size..)?))
}

fn git(args: &[&str], input: &str) -> Result<Vec<u8>, Failure> {
    let mut git = Command::new("git");
    git.args(args).current_dir(workspace()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = git.spawn().map_err(|error| format!("git: {error}"))?;
    let stdin = running.stdin.take();
    let input = input.to_owned();
    // Written from beside, or both sides would wait for each other once a pipe is full.
    let writer = std::thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(input.as_bytes())));
    let output = running.wait_with_output()?;
    let written = writer.join().map_err(|_| "git: the writer of its input panicked")?;
    if !output.status.success() {
        return Err(format!("git {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim()).into());
    }
    written?;
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::{entry, object};

    #[test]
    fn the_answers_of_git_are_taken_apart() {
        assert_eq!(entry("100644 blob 0a1b\tspecs/a b.yaml"), Some(("0a1b", "a b.yaml")));
        assert_eq!(entry("160000 commit 0a1b\tspecs/a"), None);
        assert_eq!(object(b"0a blob 3\na\nb\n0b blob 0\n\n"), Some((&b"a\nb"[..], &b"0b blob 0\n\n"[..])));
        assert_eq!(object(b"0a missing\n"), None);
    }
}
