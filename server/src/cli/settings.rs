use crate::config::Config;

/// One line a setting: name, value, origin.
pub(super) fn show() -> anyhow::Result<()> {
    for setting in Config::effective()? {
        let value = setting.value.as_deref().unwrap_or("-");
        println!("{:<34} {value:<40} {}", setting.name, setting.origin);
    }
    Ok(())
}
