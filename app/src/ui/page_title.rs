//! The page's title. Leptos 0.8 writes the text of `leptos_meta::Title` into the page unescaped, so a customer called
//! `</title><script>` would run in every agent's browser: here it is escaped when the server renders.

use std::borrow::Cow;

use leptos::prelude::*;
use leptos_meta::Title;

/// Sets `document.title` to "`text` · OmniOps".
///
/// On the server the title is what the text is when this is rendered: Leptos writes it down later, and outside of the page's
/// own reactive state, where a signal may not be found any more.
#[component]
pub fn PageTitle(#[prop(into)] text: Signal<String>) -> impl IntoView {
    if cfg!(feature = "ssr") {
        let title = format!("{} · OmniOps", escape(&text.get_untracked()));
        view! { <Title text=title /> }
    } else {
        let title = move || format!("{} · OmniOps", text.read());
        view! { <Title text=title /> }
    }
}

/// The text as it may stand between two tags.
fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaping_leaves_plain_text_alone_and_never_escapes_twice() {
        assert_eq!(escape("Ana · #12"), "Ana · #12");
        assert_eq!(escape("<b> & </b>"), "&lt;b&gt; &amp; &lt;/b&gt;");
    }

    #[cfg(feature = "ssr")]
    #[tokio::test]
    async fn a_customers_name_cannot_break_out_of_the_title() {
        use futures::StreamExt;
        use leptos_meta::{MetaTags, ServerMetaContext};

        // Fails only when another test was first.
        let _ = any_spawner::Executor::init_tokio();
        let owner = Owner::new();
        let (meta, output) = ServerMetaContext::new();
        let html = owner.with(|| {
            provide_context(meta);
            leptos_meta::provide_meta_context();
            view! {
                <html>
                    <head>
                        <MetaTags />
                    </head>
                    <body>
                        <PageTitle text="</title><script>alert(1)</script>" />
                    </body>
                </html>
            }
            .to_html()
        });
        let page: String = output.inject_meta_context(futures::stream::iter([html])).await.collect().await;
        assert!(page.contains("<title>"), "{page}");
        assert!(page.contains("&lt;/title&gt;&lt;script&gt;"), "{page}");
        assert!(!page.contains("<script"), "{page}");
    }
}
