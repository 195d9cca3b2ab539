//! A table of rows that are already made of views. Scrolls inside itself, so that a page never does sideways.

use leptos::prelude::*;

/// A column's heading.
#[derive(Clone, Debug)]
pub struct Column {
    pub heading: String,
    /// Right-aligned with tabular numerals.
    pub numeric: bool,
}

impl Column {
    pub fn text(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), numeric: false }
    }

    pub fn number(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), numeric: true }
    }
}

/// `children` are the `<tr>`s of the body.
#[component]
pub fn Table(
    /// Names the table for screen readers.
    #[prop(into)]
    caption: String,
    columns: Vec<Column>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="overflow-x-auto rounded-lg border border-base-300" tabindex="0" role="region" aria-label=caption>
            <table class="table table-sm">
                <caption class="sr-only">{caption.clone()}</caption>
                <thead class="bg-base-200 text-muted">
                    <tr>
                        {columns
                            .into_iter()
                            .map(|column| {
                                let class = if column.numeric { "text-end font-medium" } else { "font-medium" };
                                view! {
                                    <th scope="col" class=class>
                                        {column.heading}
                                    </th>
                                }
                            })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
