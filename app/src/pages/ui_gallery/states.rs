//! Data, and what stands in its place when there is none.

use leptos::prelude::*;
use omniops_types::{ErrorCode, Timestamp};

use super::Part;
use crate::error::AppError;
use crate::ui::{
    Badge, Button, CodeBlock, Column, EmptyState, ErrorState, IconName, Pagination, RelativeTime, Skeleton,
    SkeletonRows, Table, TimeStyle, Tone,
};

#[component]
pub fn Data() -> impl IntoView {
    let page = RwSignal::new(0_i64);
    let rows = [("Ana Sousa", "Open", Tone::Warning, "12"), ("Li Wei", "Resolved", Tone::Good, "3")];
    // A fixed day, so that the server and the browser render the same.
    let at = Timestamp::from_timestamp(1_795_000_000, 0).unwrap_or_default();
    view! {
        <Part name="Table, pagination, relative time">
            <Table
                caption="Example rows"
                columns=vec![Column::text("Customer"), Column::text("Status"), Column::number("Messages"), Column::text("When")]
            >
                {rows
                    .into_iter()
                    .map(|(name, status, tone, messages)| {
                        view! {
                            <tr>
                                <td>{name}</td>
                                <td>
                                    <Badge tone=tone text=status.to_owned() />
                                </td>
                                <td class="text-end tabular-nums">{messages}</td>
                                <td class="whitespace-nowrap">
                                    <RelativeTime at=at />
                                    " · "
                                    <RelativeTime at=at style=TimeStyle::Short />
                                    " · "
                                    <RelativeTime at=at style=TimeStyle::Clock />
                                </td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </Table>
            <Pagination
                has_previous=Signal::derive(move || page.get() > 0)
                has_next=Signal::derive(move || page.get() < 2)
                on_previous=move |()| page.update(|page| *page -= 1)
                on_next=move |()| page.update(|page| *page += 1)
                range=Signal::derive(move || format!("{}–{}", page.get() * 30 + 1, page.get() * 30 + 30))
            />
        </Part>
        <Part name="Code block">
            <CodeBlock
                label="Embed snippet"
                code="<script async src=\"https://omniops.example/embed.js?domain=shop.example\"></script>"
            />
        </Part>
    }
}

#[component]
pub fn States() -> impl IntoView {
    let mut error = AppError::local(ErrorCode::Internal, "shown in the log only");
    "0190a6c2-7c1e-7000-8000-3f1d2c4b5a69".clone_into(&mut error.0.request_id);
    view! {
        <Part name="Skeleton, empty state, error state">
            <div class="grid gap-4 sm:grid-cols-3">
                <div class="rounded-lg border border-base-300">
                    <SkeletonRows rows=3 />
                    <div class="p-3">
                        <Skeleton class="h-3 w-1/2" />
                    </div>
                </div>
                <div class="rounded-lg border border-base-300">
                    <EmptyState icon=IconName::Inbox title="Nothing here yet" hint="Says what will appear, and the one action that brings it.">
                        <Button>"Bring it"</Button>
                    </EmptyState>
                </div>
                <div class="rounded-lg border border-base-300">
                    <ErrorState title="This could not be loaded" error=error on_retry=|()| () />
                </div>
            </div>
        </Part>
    }
}
