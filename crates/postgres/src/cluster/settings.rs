//! PostgreSQL's settings for the machine that it finds itself on.

use std::fs;

use super::directory::Directory;

const MIB: u64 = 1024 * 1024;
/// What is assumed where the system does not tell.
const UNKNOWN_MEMORY: u64 = 2048 * MIB;

/// How careful the cluster is, and for how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Nothing that was committed is ever lost.
    Durable,
    /// For tests: nothing is worth waiting for the disk.
    #[cfg(feature = "testing")]
    Disposable,
}

/// `-c name=value` for each setting.
pub(crate) fn arguments(directory: &Directory, port: u16, profile: Profile) -> Vec<String> {
    let memory = memory_limit();
    let socket = directory.usable_socket_directory().map(|path| path.display().to_string()).unwrap_or_default();
    let mut settings = vec![
        ("listen_addresses", "127.0.0.1".to_owned()),
        ("port", port.to_string()),
        ("unix_socket_directories", format!("\"{socket}\"")),
        ("shared_buffers", megabytes(memory / 8, 32, 1024)),
        ("effective_cache_size", megabytes(memory / 2, 128, 64 * 1024)),
        ("maintenance_work_mem", megabytes(memory / 32, 32, 512)),
        ("work_mem", megabytes(memory / 256, 4, 32)),
        ("max_connections", "100".to_owned()),
        // Requests are short; compiling a query would cost more than it gives.
        ("jit", "off".to_owned()),
        // Solid-state disks read at random nearly as fast as in sequence.
        ("random_page_cost", "1.1".to_owned()),
        ("max_wal_size", "2GB".to_owned()),
        ("timezone", "UTC".to_owned()),
        ("log_timezone", "UTC".to_owned()),
        // A slow statement is told without its parameters, and what a statement was refused for not at all: messages
        // quote the values, which are customers' words. The program's own log has the SQLSTATE and the constraint.
        ("log_min_duration_statement", "2s".to_owned()),
        ("log_parameter_max_length", "0".to_owned()),
        ("log_parameter_max_length_on_error", "0".to_owned()),
        ("log_min_messages", "log".to_owned()),
        ("log_error_verbosity", "terse".to_owned()),
        ("logging_collector", "off".to_owned()),
        ("cluster_name", "omniops".to_owned()),
    ];
    if socket.is_empty() {
        settings.retain(|(name, _)| *name != "unix_socket_directories");
        settings.push(("unix_socket_directories", String::new()));
    }
    settings.extend(profile.overrides().iter().map(|(name, value)| (*name, (*value).to_owned())));
    settings.into_iter().flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")]).collect()
}

impl Profile {
    /// What replaces the settings for a machine's only cluster.
    fn overrides(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Durable => &[],
            #[cfg(feature = "testing")]
            Self::Disposable => &[
                ("fsync", "off"),
                ("synchronous_commit", "off"),
                ("full_page_writes", "off"),
                ("shared_buffers", "128MB"),
                ("max_connections", "400"),
                ("autovacuum", "off"),
                // Dropping a database waits for whoever is just connecting.
                ("authentication_timeout", "10s"),
            ],
        }
    }
}

fn megabytes(bytes: u64, least: u64, most: u64) -> String {
    format!("{}MB", (bytes / MIB).clamp(least, most))
}

/// The machine's memory, or the container's if that is less, in bytes.
fn memory_limit() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total_memory(&text));
    let container = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    [machine, container].into_iter().flatten().min().unwrap_or(UNKNOWN_MEMORY)
}

/// From the line `MemTotal:  24576000 kB`.
fn total_memory(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_kernels_table() {
        assert_eq!(total_memory("MemFree: 1 kB\nMemTotal:   2048 kB\n"), Some(2048 * 1024));
        assert_eq!(total_memory("nothing"), None);
    }

    #[test]
    fn a_setting_stays_within_its_bounds() {
        assert_eq!(megabytes(MIB, 32, 1024), "32MB");
        assert_eq!(megabytes(100 * MIB, 32, 1024), "100MB");
        assert_eq!(megabytes(64 * 1024 * MIB, 32, 1024), "1024MB");
    }
}
