use crate::config::Config;

/// One line a setting: name, value, origin. Then, apart from them, what was set and is none.
pub(super) fn show() -> anyhow::Result<()> {
    let (settings, unknown) = Config::effective()?;
    for setting in settings {
        let value = setting.value.as_deref().unwrap_or("-");
        println!("{:<34} {value:<40} {}", setting.name, setting.origin);
    }
    for variable in unknown {
        eprintln!("omniops: {variable}");
    }
    Ok(())
}
