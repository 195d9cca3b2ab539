//! How an answer came about, part by part. The preview and a message's receipt show the same.

use leptos::prelude::*;
use omniops_types::{MicroUsd, PromptPart, Receipt, ReceiptCall, ReceiptClaim, ReceiptPassage, ReceiptTool};

use crate::i18n::use_messages;
use crate::pages::conversations::{safe_href, short_address};
use crate::ui::{Badge, Disclosure, Icon, IconName, Tone};

/// How much of a content hash tells two texts apart at a glance.
const SHORT_HASH: usize = 8;

/// An amount as it is read at a glance: to the cent, and below a dollar as fine as it takes.
pub fn money(amount: MicroUsd) -> String {
    let micros = amount.0;
    match micros.unsigned_abs() {
        0 => "$0.00".to_owned(),
        1..10_000 => amount.to_string(),
        10_000..1_000_000 => rounded(micros, 100),
        _ => rounded(micros, 10_000),
    }
}

fn rounded(micros: i64, to: i64) -> String {
    let half = micros.signum() * to / 2;
    MicroUsd(micros.saturating_add(half) / to * to).to_string()
}

/// "840 ms", "2.4 s".
pub fn duration(ms: i64) -> String {
    if ms < 1_000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1_000, ms % 1_000 / 100) }
}

pub fn percent(share: f32) -> String {
    format!("{:.0} %", f64::from(share.clamp(0.0, 1.0)) * 100.0)
}

/// What the AI was told and did, in parts that are folded away. `texts` are the passages' own words and `prompt` what the
/// model was told, where they are known: a receipt keeps only their hashes.
pub fn trace(receipt: &Receipt, prompt: Vec<PromptPart>, texts: Vec<String>) -> AnyView {
    let words = &use_messages().trace;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let cited = receipt.passages.iter().filter(|passage| passage.cited).count();
    let tokens: u32 = receipt.calls.iter().map(|call| call.input_tokens.saturating_add(call.output_tokens)).sum();
    let removed = receipt.claims.iter().filter(|claim| !claim.passed).count();
    let parts = [
        (!prompt.is_empty()).then(|| (words.prompt, (words.parts)(count(prompt.len())), prompt_view(prompt, receipt))),
        Some((
            words.passages,
            (words.passages_note)(receipt.passages.len(), cited),
            passages(receipt.passages.clone(), texts),
        )),
        (!receipt.calls.is_empty()).then(|| {
            let note = (words.calls_note)(receipt.calls.len(), &tokens.to_string());
            (words.calls, note, calls(receipt.calls.clone()))
        }),
        (!receipt.tools.is_empty())
            .then(|| (words.tools, (words.calls_of)(count(receipt.tools.len())), tools(receipt.tools.clone()))),
        (!receipt.claims.is_empty()).then(|| {
            let note = (words.claims_note)(receipt.claims.len(), removed);
            (words.claims, note, claims(receipt.claims.clone()))
        }),
        Some((words.timings, duration(i64::from(receipt.total_ms)), timings(receipt))),
    ];
    let parts = parts.into_iter().flatten().map(|(title, note, body)| {
        view! {
            <Disclosure title=title note=note>
                {body}
            </Disclosure>
        }
        .into_any()
    });
    view! { <div class="flex flex-col">{parts.collect_view()}</div> }.into_any()
}

/// The receipt in a few words: who answered, how it ended, how sure, what it cost.
pub fn facts(receipt: &Receipt, confidence: Option<f32>) -> AnyView {
    let words = &use_messages().trace;
    let quoted = receipt.provider == "extractive";
    let provider = if quoted { words.quoted.to_owned() } else { receipt.provider.clone() };
    let model = (!quoted || !receipt.model.is_empty()).then(|| receipt.model.clone()).filter(|model| !model.is_empty());
    let ended = ended(receipt).map(|outcome| said(words.outcome, outcome));
    let offered = receipt
        .offered
        .then(|| receipt.offered_because.as_deref().map_or_else(String::new, |why| said(words.because, why)));
    let fallback = receipt.fallback.as_deref().map(|by| said(words.stood_in, by));
    let rows = [
        (words.answered_by, Some(provider)),
        (words.model, model),
        (words.ended, ended),
        (words.confidence, confidence.map(percent)),
        (words.cost, Some(receipt.cost.to_string())),
        (words.total_time, Some(duration(i64::from(receipt.total_ms)))),
        (words.fallback, fallback),
        (words.offered, offered),
        (words.error, receipt.error_code.clone()),
    ];
    let rows = rows.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).map(|(name, value)| {
        view! {
            <div class="min-w-0">
                <dt class="text-xs text-muted">{name}</dt>
                <dd class="break-words tabular-nums">{value}</dd>
            </div>
        }
        .into_any()
    });
    view! { <dl class="grid grid-cols-2 gap-x-4 gap-y-2.5 sm:grid-cols-3">{rows.collect_view()}</dl> }.into_any()
}

/// How it ended for the customer: what the model meant for an answer is none where it was declined.
fn ended(receipt: &Receipt) -> Option<&str> {
    let verdict = receipt.verdict.as_deref();
    verdict.filter(|verdict| *verdict == "declined").or(receipt.outcome.as_deref()).or(verdict)
}

/// Our word for a code, or the code itself where a newer server knows more.
fn said(words: fn(&str) -> Option<&'static str>, code: &str) -> String {
    words(code).map_or_else(|| code.to_owned(), str::to_owned)
}

fn prompt_view(parts: Vec<PromptPart>, receipt: &Receipt) -> AnyView {
    let words = &use_messages().trace;
    let hash: String = receipt.prompt_hash.chars().take(SHORT_HASH).collect();
    let version = (words.version)(receipt.prompt_version, &hash);
    let parts = parts.into_iter().map(|PromptPart { name, text }| {
        let label = format!("{}: {name}", words.prompt);
        view! {
            <div>
                <p class="font-mono text-xs font-semibold">{name}</p>
                {code(text, label)}
            </div>
        }
        .into_any()
    });
    view! {
        <div class="flex flex-col gap-3">
            <p class="text-xs text-muted">{version}</p>
            {parts.collect_view()}
        </div>
    }
    .into_any()
}

/// What was found, best first.
pub fn passages(passages: Vec<ReceiptPassage>, texts: Vec<String>) -> AnyView {
    let words = &use_messages().trace;
    if passages.is_empty() {
        return view! { <p class="text-muted">{words.no_passages}</p> }.into_any();
    }
    let mut texts = texts.into_iter();
    let rows = passages.into_iter().map(|passage| {
        let ReceiptPassage { content_hash, url, title, cosine, score, cited, .. } = passage;
        let title = if title.is_empty() { short_address(&url).to_owned() } else { title };
        let heading = match safe_href(&url).map(str::to_owned) {
            Some(href) => view! {
                <a
                    href=href
                    target="_blank"
                    rel="noopener noreferrer"
                    class="inline-flex max-w-full min-w-0 items-center gap-1 font-medium text-link hover:underline"
                >
                    <span class="truncate">{title}</span>
                    <Icon name=IconName::External class="size-3.5 shrink-0" />
                </a>
            }
            .into_any(),
            None => view! { <span class="truncate font-medium">{title}</span> }.into_any(),
        };
        let mut numbers = vec![format!("{} {score:.3}", words.score)];
        numbers.extend(cosine.map(|cosine| format!("{} {cosine:.3}", words.nearness)));
        numbers.push(format!("{} {}", words.hash, content_hash.chars().take(SHORT_HASH).collect::<String>()));
        view! {
            <li class="min-w-0">
                <div class="flex min-w-0 items-center justify-between gap-2">
                    {heading}
                    {cited.then(|| view! { <Badge tone=Tone::Good text=words.cited.to_owned() /> }.into_any())}
                </div>
                <p class="text-xs text-muted tabular-nums" title=content_hash>
                    {numbers.join(" · ")}
                </p>
                {texts
                    .next()
                    .map(|text| {
                        view! { <p class="mt-1 line-clamp-4 border-s-2 border-base-300 ps-2 text-muted">{text}</p> }.into_any()
                    })}
     .into_any()       </li>
        }
    });
    view! { <ol class="flex flex-col gap-3">{rows.collect_view()}</ol> }.into_any()
}

fn calls(calls: Vec<ReceiptCall>) -> AnyView {
    let words = &use_messages().trace;
    let rows = calls.into_iter().map(|call| {
        let taken = i64::from(call.ended_ms.saturating_sub(call.started_ms));
        let mut tokens = vec![(words.tokens_in)(call.input_tokens, call.cached_input_tokens)];
        tokens.push((words.tokens_out)(call.output_tokens, call.reasoning_tokens));
        if !call.usage_known {
            tokens.push(words.usage_unknown.to_owned());
        }
        view! {
            <li class="min-w-0">
                <p class="flex min-w-0 flex-wrap items-center gap-x-2">
                    <span class="text-muted tabular-nums">{call.step}"."</span>
                    <span class="font-medium break-all">{call.model}</span>
                    {call.fallback.then(|| view! { <Badge tone=Tone::Warning text=words.is_fallback.to_owned() /> }.into_any())}
                    {call.error_code.map(|code| view! { <Badge tone=Tone::Bad text=code /> }.into_any())}
                    <span class="ms-auto text-muted tabular-nums">
                        {call.cost.to_string()} " · " {duration(taken)}
                    </span>
                </p>
                <p class="ps-5 text-xs text-muted tabular-nums">{tokens.join(" · ")}</p>
            </li>
        }
    });
    view! { <ol class="flex flex-col gap-2.5">{rows.collect_view()}</ol> }.into_any()
}

fn tools(tools: Vec<ReceiptTool>) -> AnyView {
    let words = &use_messages().trace;
    let rows = tools.into_iter().map(|tool| {
        let ReceiptTool { name, arguments, result, ok, error_code, personal, ms } = tool;
        let failed = (!ok).then(|| error_code.unwrap_or_else(|| words.failed.to_owned()));
        let (given, came) = (format!("{name}: {}", words.arguments), format!("{name}: {}", words.result));
        view! {
            <li class="flex min-w-0 flex-col gap-1.5">
                <p class="flex min-w-0 flex-wrap items-center gap-2">
                    <code class="font-semibold break-all">{name}</code>
                    {personal.then(|| view! { <Badge tone=Tone::Accent text=words.personal.to_owned() /> }.into_any())}
                    {failed.map(|code| view! { <Badge tone=Tone::Bad text=code /> }.into_any())}
                    <span class="ms-auto text-muted tabular-nums">{duration(i64::from(ms))}</span>
                </p>
                <p class="text-xs text-muted">{words.arguments}</p>
                {code(arguments, given)}
                <p class="text-xs text-muted">{words.result}</p>
                {code(result, came)}
     .into_any()       </li>
        }
    });
    view! { <ol class="flex flex-col gap-4">{rows.collect_view()}</ol> }.into_any()
}

fn claims(claims: Vec<ReceiptClaim>) -> AnyView {
    let words = &use_messages().trace;
    let rows = claims.into_iter().map(|claim| {
        let ReceiptClaim { sentence, english, passed, support, unsupported } = claim;
        let (tone, verdict) = if passed { (Tone::Good, words.passed) } else { (Tone::Bad, words.removed) };
        let line = |label: &'static str, items: Vec<String>| {
            (!items.is_empty())
                .then(|| view! { <p class="text-xs text-muted">{label} " " {items.join(" · ")}</p> }.into_any())
        };
        view! {
            <li class="min-w-0">
                <p>
                    <span class="me-1.5 align-text-bottom">
                        <Badge tone=tone text=verdict.to_owned() />
                    </span>
                    <span class:line-through=!passed>{sentence}</span>
                </p>
                {line(words.in_english, english.into_iter().collect())} {line(words.rests_on, support)}
                {line(words.unsupported, unsupported)}
            </li>
        }
        .into_any()
    });
    view! { <ol class="flex flex-col gap-3">{rows.collect_view()}</ol> }.into_any()
}

/// One bar of the timeline, in milliseconds since the message came in.
struct Span {
    name: String,
    from: i64,
    to: i64,
    class: &'static str,
}

/// What happened when, on one scale, and the moments that a customer feels.
pub fn timings(receipt: &Receipt) -> AnyView {
    let words = &use_messages().trace;
    let Receipt { queue_ms, embed_ms, search_ms, claim_check_ms, total_ms, .. } = *receipt;
    let [queue, embed, search, check, total] =
        [queue_ms, embed_ms, search_ms, claim_check_ms, total_ms].map(|ms| i64::from(ms).max(0));
    let own = [
        (words.waiting, 0, queue, "bg-base-content/30"),
        (words.embedding, queue, queue + embed, "bg-info"),
        (words.searching, queue + embed, queue + embed + search, "bg-success"),
    ];
    let own = own.map(|(name, from, to, class)| Span { name: name.to_owned(), from, to, class });
    let calls = receipt.calls.iter().map(|call| Span {
        name: (words.model_step)(call.step),
        from: i64::from(call.started_ms),
        to: i64::from(call.ended_ms),
        class: if call.error_code.is_some() { "bg-error" } else { "bg-primary" },
    });
    let spans: Vec<Span> = own.into_iter().chain(calls).collect();
    let whole = spans.iter().map(|span| span.to).chain([total, 1]).max().unwrap_or(1);
    let share = |ms: i64| ms as f64 / whole as f64 * 100.0;
    let bars = spans.into_iter().map(|Span { name, from, to, class }| {
        let (start, width) = (format!("{:.2}%", share(from)), format!("max({:.2}%, 2px)", share(to - from)));
        view! {
            <tr>
                <th scope="row" class="py-0.5 pe-3 text-start font-normal whitespace-nowrap">
                    {name}
                </th>
                <td class="w-full">
                    <div class="h-2 rounded-full bg-base-200" aria-hidden="true">
                        <div
                            class=format!("h-full rounded-full {class}")
                            style:margin-inline-start=start
                            style:width=width
                        ></div>
                    </div>
                </td>
                <td class="ps-3 text-end whitespace-nowrap text-muted tabular-nums">{duration(to - from)}</td>
            </tr>
        }
        .into_any()
    });
    let moments = [
        (words.first_token, receipt.first_token_ms),
        (words.first_words, receipt.first_delta_ms),
        (words.last_token, receipt.last_token_ms),
        (words.claim_check, (check > 0 || !receipt.claims.is_empty()).then_some(claim_check_ms)),
    ];
    let moments = moments.into_iter().filter_map(|(name, ms)| ms.map(|ms| (name, i64::from(ms)))).map(|(name, ms)| {
        view! {
            <div class="flex justify-between gap-3">
                <dt class="text-muted">{name}</dt>
                <dd class="tabular-nums">{duration(ms)}</dd>
            </div>
        }
        .into_any()
    });
    view! {
        <table class="w-full text-xs">
            <caption class="sr-only">{words.timings}</caption>
            <tbody>{bars.collect_view()}</tbody>
        </table>
        <dl class="mt-2 grid gap-x-6 gap-y-1 text-xs sm:grid-cols-2">{moments.collect_view()}</dl>
    }
    .into_any()
}

/// Text as it was sent or came back: JSON in lines, everything else as it is.
fn code(text: String, label: String) -> AnyView {
    let value =
        serde_json::from_str::<serde_json::Value>(&text).ok().filter(|json| json.is_object() || json.is_array());
    let text = value.and_then(|json| serde_json::to_string_pretty(&json).ok()).unwrap_or(text);
    view! {
        <pre
            class="max-h-56 overflow-auto rounded-lg bg-base-200 p-2.5 text-xs break-words whitespace-pre-wrap"
            tabindex="0"
            role="region"
            aria-label=label
        >
            {text}
        </pre>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decline_is_no_answer_whatever_the_model_meant() {
        let receipt = |verdict: Option<&str>, outcome: Option<&str>| Receipt {
            verdict: verdict.map(str::to_owned),
            outcome: outcome.map(str::to_owned),
            ..Receipt::default()
        };
        assert_eq!(ended(&receipt(Some("declined"), Some("answer"))), Some("declined"));
        assert_eq!(ended(&receipt(Some("answered"), Some("resolve"))), Some("resolve"));
        assert_eq!(ended(&receipt(Some("answered"), None)), Some("answered"));
        assert_eq!(ended(&receipt(None, Some("escalate"))), Some("escalate"));
    }

    #[test]
    fn amounts_are_as_fine_as_they_have_to_be() {
        for (micros, text) in [
            (0, "$0.00"),
            (15, "$0.000015"),
            (9_999, "$0.009999"),
            (123_456, "$0.1235"),
            (1_234_567, "$1.23"),
            (12_995_000, "$13.00"),
            (-2_005_000, "-$2.01"),
        ] {
            assert_eq!(money(MicroUsd(micros)), text, "{micros}");
        }
    }

    #[test]
    fn durations_are_in_the_unit_that_fits() {
        assert_eq!(
            (duration(0).as_str(), duration(999).as_str(), duration(2_449).as_str()),
            ("0 ms", "999 ms", "2.4 s")
        );
    }
}
