//! The one textarea. Its value goes through the `value` property and never through children: Leptos 0.8 writes the
//! children of a `<textarea>` into the page unescaped, so `</textarea><script>` in a draft would run.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

/// A textarea that grows with its text up to `max_height` (CSS `field-sizing`, where the browser knows it).
#[component]
pub fn Textarea(
    #[prop(into)] id: String,
    #[prop(optional, into)] label: Signal<Option<String>>,
    value: RwSignal<String>,
    #[prop(optional, into)] placeholder: Signal<String>,
    #[prop(default = 3)] rows: u32,
    #[prop(optional, into)] invalid: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Without a frame of its own, to stand in a composer that has one.
    #[prop(optional)]
    bare: bool,
    /// For code.
    #[prop(optional)]
    mono: bool,
    #[prop(optional)] node: NodeRef<html::Textarea>,
    #[prop(optional, into)] on_key: Option<Callback<KeyboardEvent>>,
    #[prop(optional, into)] on_typing: Option<Callback<()>>,
) -> impl IntoView {
    let class = if bare {
        "field-sizing-content block max-h-60 min-h-16 w-full resize-none bg-transparent px-3 py-2 outline-none placeholder:text-muted"
    } else if mono {
        "textarea field-sizing-content max-h-80 w-full font-mono text-xs"
    } else {
        "textarea field-sizing-content max-h-60 w-full"
    };
    view! {
        <textarea
            class=class
            class:textarea-error=move || invalid.get()
            aria-invalid=move || invalid.get().then_some("true")
            aria-describedby=(!bare).then(|| format!("{id}-hint {id}-error"))
            aria-label=move || label.get()
            id=id
            rows=rows
            node_ref=node
            placeholder=move || placeholder.get()
            disabled=move || disabled.get()
            prop:value=move || value.get()
            on:input=move |event| {
                value.set(event_target_value(&event));
                if let Some(on_typing) = on_typing {
                    on_typing.run(());
                }
            }
            on:keydown=move |event| {
                if let Some(on_key) = on_key {
                    on_key.run(event);
                }
            }
        ></textarea>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_draft_cannot_break_out_of_the_textarea() {
        let html = Owner::new().with(|| {
            let value = RwSignal::new("</textarea><script>alert(1)</script>".to_owned());
            let hostile = "\"></textarea><script>alert(2)</script>";
            view! { <Textarea id="draft" value=value placeholder=hostile label=Some(hostile.to_owned()) /> }.to_html()
        });
        assert!(html.contains("<textarea"), "{html}");
        assert!(!html.contains("<script"), "{html}");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
    }
}
