//! Words that appear on hover and on focus. Only for what is also said elsewhere: touch has no hover.

use leptos::prelude::*;

#[component]
pub fn Tooltip(
    #[prop(into)] text: String,
    #[prop(default = "tooltip-bottom")] side: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <span class=format!("tooltip {side}") data-tip=text>
            {children()}
        </span>
    }
}
