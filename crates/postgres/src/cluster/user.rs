//! Who runs PostgreSQL. It refuses to run as root, so a server started by root gives it to another user.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::{Error, Result};

/// An operating-system user that PostgreSQL runs as instead of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunAs {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

static UID: LazyLock<Option<u32>> = LazyLock::new(|| {
    let from_proc = fs::metadata("/proc/self").ok().map(|metadata| metadata.uid());
    from_proc
        .or_else(|| String::from_utf8(Command::new("id").arg("-u").output().ok()?.stdout).ok()?.trim().parse().ok())
});

pub(crate) fn is_root() -> bool {
    *UID == Some(0)
}

/// Names the user for paths that users must not share.
#[cfg(feature = "testing")]
pub(crate) fn current_uid() -> u32 {
    UID.unwrap_or_default()
}

/// Nobody else unless we are root; then `postgres` where the system has that user, else `nobody`.
pub(crate) fn choose() -> Result<Option<RunAs>> {
    if !is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = ["postgres", "nobody"].iter().find_map(|name| find(&users, name));
    found.map(Some).ok_or(Error::NoUserForRoot)
}

fn find(users: &str, name: &str) -> Option<RunAs> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next()? == name;
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        found.then(|| RunAs { name: name.to_owned(), uid, gid })
    })
}

pub(crate) fn apply(command: &mut Command, run_as: Option<&RunAs>) {
    if let Some(user) = run_as {
        command.uid(user.uid).gid(user.gid);
    }
}

/// Gives `path` to the user that runs PostgreSQL.
pub(crate) fn give(path: &Path, run_as: Option<&RunAs>) -> Result<()> {
    match run_as {
        Some(user) => std::os::unix::fs::chown(path, Some(user.uid), Some(user.gid)).map_err(Error::file(path)),
        None => Ok(()),
    }
}

/// Checks that the user may enter `path` and every directory above it, which root itself can always do.
pub(crate) fn check_reachable(path: &Path, run_as: Option<&RunAs>, variable: &'static str) -> Result<()> {
    let Some(user) = run_as else { return Ok(()) };
    match first_closed(path, user)? {
        Some(path) => Err(Error::Unreachable { user: user.name.clone(), path, variable }),
        None => Ok(()),
    }
}

/// The outermost directory on the way to `path` that the user may not enter.
pub(crate) fn first_closed(path: &Path, user: &RunAs) -> Result<Option<PathBuf>> {
    let path = path.canonicalize().map_err(Error::file(path))?;
    let mut closed = None;
    for directory in path.ancestors().filter(|ancestor| ancestor.is_dir()) {
        let metadata = fs::metadata(directory).map_err(Error::file(directory))?;
        if !may_enter(user, &metadata) {
            closed = Some(directory.to_owned());
        }
    }
    Ok(closed)
}

fn may_enter(user: &RunAs, metadata: &fs::Metadata) -> bool {
    let execute_bit = if metadata.uid() == user.uid {
        0o100
    } else if metadata.gid() == user.gid {
        0o010
    } else {
        0o001
    };
    metadata.mode() & execute_bit != 0
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65533::/:/usr/sbin/nologin\n";

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        assert_eq!(find(PASSWD, "nobody"), Some(RunAs { name: "nobody".into(), uid: 65534, gid: 65533 }));
        assert_eq!(find(PASSWD, "body"), None);
    }

    #[test]
    fn a_directory_closed_to_others_is_named_in_the_error() {
        let outer = tempfile::tempdir().expect("a temporary directory");
        let inner = outer.path().join("data");
        fs::create_dir(&inner).expect("a directory");
        fs::set_permissions(outer.path(), fs::Permissions::from_mode(0o700)).expect("its mode");
        let stranger = RunAs { name: "nobody".into(), uid: u32::MAX - 1, gid: u32::MAX - 1 };

        let error = check_reachable(&inner, Some(&stranger), "OMNIOPS_DATA_DIR").expect_err("must not be reachable");
        let closed = outer.path().canonicalize().expect("its real path");
        assert!(error.to_string().contains(&closed.display().to_string()), "{error}");

        fs::set_permissions(outer.path(), fs::Permissions::from_mode(0o711)).expect("its mode");
        check_reachable(&inner, Some(&stranger), "OMNIOPS_DATA_DIR").expect("reachable now");
    }
}
