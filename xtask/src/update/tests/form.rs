//! An upstream made from what was imported of one.

/// Puts back the form of two things that the import reduces.
pub(crate) fn as_upstream_writes(text: &str) -> String {
    let mut out = String::new();
    let mut changed = false;
    for line in text.lines() {
        let version = line.trim_start().strip_prefix("- \"").filter(|_| changed);
        changed = line.ends_with("x-changedInMatrixVersion:") || version.is_some();
        match version {
            Some(version) => {
                let indent = &line[..line.len() - line.trim_start().len()];
                out.push_str(&format!("{indent}\"{version}: Said otherwise.\n"));
            }
            None => {
                out.push_str(&format!("{}\n", line.replace("\"{basePath}\"", "\"{protocol}://{hostname}{basePath}\"")))
            }
        }
    }
    out
}
