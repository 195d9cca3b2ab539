//! How much of something is used up, in parts, with marks where something begins to happen.

use leptos::prelude::*;

/// A part of a meter: its share of the whole, and its ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeterPart {
    /// 0 to 1; what goes beyond the whole is cut.
    pub share: f64,
    pub class: &'static str,
}

/// The bar alone. `text` says the same in words, for those who do not see it; a caller shows it beside the bar too.
#[component]
pub fn Meter(
    #[prop(into)] label: String,
    #[prop(into)] text: Signal<String>,
    #[prop(into)] parts: Signal<Vec<MeterPart>>,
    /// Shares at which something begins to happen.
    #[prop(optional, into)]
    marks: Signal<Vec<f64>>,
) -> impl IntoView {
    let percent =
        move || parts.with(|parts| (parts.iter().map(|part| part.share).sum::<f64>() * 100.0).clamp(0.0, 100.0));
    view! {
        <div
            class="relative h-2 w-full overflow-hidden rounded-full bg-base-300"
            role="meter"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || format!("{:.0}", percent())
            aria-valuetext=move || text.get()
        >
            <div class="flex h-full">
                {move || {
                    parts
                        .get()
                        .into_iter()
                        .map(|part| {
                            let width = format!("{:.2}%", part.share.clamp(0.0, 1.0) * 100.0);
                            view! { <span class=format!("h-full {}", part.class) style:width=width></span> }.into_any()
                        })
                        .collect_view()
                }}
            </div>
            {move || {
                marks
                    .get()
                    .into_iter()
                    .map(|mark| {
                        let start = format!("{:.2}%", mark.clamp(0.0, 1.0) * 100.0);
                        view! {
                            <span class="absolute inset-y-0 w-px bg-base-content/60" style:inset-inline-start=start></span>
                        }.into_any()
                    })
                    .collect_view()
            }}
        </div>
    }
}
