//! Processes: one of our own group, whose it is, and its end.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Error;

/// How often a condition is looked at again while waiting for it.
pub(super) const POLL: Duration = Duration::from_millis(20);

/// How long a process may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// Makes the child the first of a process group, so that Ctrl-C in the terminal does not reach it.
pub(super) fn own_group(command: &mut Command) {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    #[cfg(not(unix))]
    let _ = command;
}

/// Whether this process was started from this folder. Ids are used again, and a stranger must not be killed.
pub(super) fn is_ours(pid: u32, folder: &Path) -> bool {
    let config = folder.join("homeserver.yaml");
    command_line(pid).is_some_and(|line| line.contains(&*config.to_string_lossy()))
}

/// The command line of a living process, its arguments apart by whatever the system uses. A zombie has none.
fn command_line(pid: u32) -> Option<String> {
    let bytes = if Path::new("/proc/self/cmdline").exists() {
        fs::read(format!("/proc/{pid}/cmdline")).ok()?
    } else {
        let mut ps = Command::new("ps");
        ps.args(["-ww", "-o", "command=", "-p", &pid.to_string()]);
        ps.stderr(Stdio::null()).output().ok()?.stdout
    };
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Ends the process if it is ours, politely at first. Says whether there was anything to end.
pub(super) fn end(pid: u32, folder: &Path) -> Result<bool, Error> {
    if !is_ours(pid, folder) {
        return Ok(false);
    }
    for signal in ["TERM", "KILL"] {
        send(signal, pid)?;
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if !is_ours(pid, folder) {
                return Ok(true);
            }
            thread::sleep(POLL);
        }
    }
    Err(Error::Immortal(pid))
}

/// The shell's own `kill`: std has none, and small systems lack the program.
fn send(signal: &str, pid: u32) -> Result<(), Error> {
    Command::new("sh")
        .args(["-c", "kill -s \"$1\" \"$2\"", "sh", signal, &pid.to_string()])
        // It may have ended since we looked: then kill complains, and the caller sees that it is gone.
        .stderr(Stdio::null())
        .status()
        .map(drop)
        .map_err(|source| Error::io("run", "sh", source))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_stranger_is_left_alone() {
        let own = std::process::id();
        assert!(command_line(own).is_some_and(|line| !line.is_empty()));
        assert!(!is_ours(own, Path::new("/nowhere/server")));
        assert!(!end(own, Path::new("/nowhere/server")).unwrap());
    }

    #[test]
    fn a_process_from_the_folder_is_ended() {
        let folder = Path::new("/nowhere/mine");
        let mut child = Command::new("sh")
            .args(["-c", "echo up; read line", "sh", "/nowhere/mine/homeserver.yaml"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = child.id();
        // Once it speaks, it is that program for certain.
        let mut up = [0; 3];
        child.stdout.take().unwrap().read_exact(&mut up).unwrap();
        assert!(is_ours(pid, folder));
        assert!(!is_ours(pid, Path::new("/nowhere/other")));
        // Somebody must reap it, as init does for a server in the background.
        let input = child.stdin.take();
        let reaper = thread::spawn(move || child.wait().unwrap());
        assert!(end(pid, folder).unwrap());
        assert!(!reaper.join().unwrap().success());
        assert!(!end(pid, folder).unwrap());
        drop(input);
    }
}
