//! The keys with which a shop signs who its visitors are, and how it does that.

use leptos::prelude::*;
use omniops_types::IdentityKey;

use super::confirm::Confirm;
use super::keys::{Keys, MAKE};
use crate::i18n::connections::IdentityKeys as Words;
use crate::i18n::use_messages;
use crate::pages::agent::fields::Section;
use crate::ui::{Button, ButtonSize, ButtonVariant, CodeBlock, Dialog, Disclosure, Icon, IconName, RelativeTime};

#[component]
pub fn KeysSection(keys: Keys) -> impl IntoView {
    let words = &use_messages().connections.keys;
    let make = move || if keys.full() { words.replace } else { words.new };
    let note = move || {
        let none = keys.all.read().is_empty();
        if none { Some(words.none) } else { keys.full().then_some(words.most) }
    };
    view! {
        <Section id="identity" title=words.title lead=words.lead>
            <div class="flex flex-col items-start gap-3">
                <ul
                    class="w-full divide-y divide-base-300 rounded-lg border border-base-300 empty:hidden"
                    aria-label=words.list
                >
                    <For each=move || keys.all.get() key=|key| key.kid.clone() let:key>
                        <KeyRow keys=keys key_=key />
                    </For>
                </ul>
                <p class="text-pretty text-muted empty:hidden">{note}</p>
                {keys
                    .writable
                    .then(|| {
                        view! {
                            <Button
                                size=ButtonSize::Small
                                loading=keys.making
                                attr:id=MAKE
                                on_click=move |_| keys.make()
                            >
                                {make}
                            </Button>
                        }
                            .into_any()
                    })}
            </div>
            <div class="rounded-lg border border-base-300 px-3">
                <Disclosure title=words.how>
                    <div class="flex flex-col gap-3">
                        <p class="text-pretty text-muted">{words.how_hint}</p>
                        {move || view! { <CodeBlock label=words.how code=example(words, keys.newest().as_deref()) /> }}
                        <p class="text-pretty text-muted">{words.how_sent}</p>
                    </div>
                </Disclosure>
            </div>
        </Section>
    }
}

#[component]
fn KeyRow(keys: Keys, key_: IdentityKey) -> impl IntoView {
    let words = &use_messages().connections.keys;
    let IdentityKey { kid, created_at } = key_;
    let revoke = keys.writable.then(|| {
        let (label, kid) = ((words.revoke_named)(&kid), kid.clone());
        view! {
            <Button
                variant=ButtonVariant::Ghost
                size=ButtonSize::Small
                attr:aria-label=label
                on_click=move |_| keys.ask_to_revoke(kid.clone())
            >
                {words.revoke}
            </Button>
        }
        .into_any()
    });
    view! {
        <li class="flex min-h-11 items-center gap-x-3 py-1.5 ps-3 pe-2">
            <div class="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3">
                <code class="text-xs break-all">{kid}</code>
                <span class="text-xs text-muted">{words.made} " " <RelativeTime at=created_at /></span>
            </div>
            {revoke}
        </li>
    }
}

/// What is asked before keys are taken away, and the new key. Stands outside of the page's form, which can hold no other.
#[component]
pub fn KeyDialogs(keys: Keys) -> impl IntoView {
    let words = &use_messages().connections.keys;
    view! {
        <Confirm
            question=keys.replacing
            title=words.replace_title
            text=Signal::derive(move || (words.replace_text)(&keys.oldest()))
            action=words.replace
            on_confirm=move |()| keys.replace()
        />
        <Confirm
            question=keys.revoking
            title=words.revoke_title
            text=Signal::derive(move || (words.revoke_text)(&keys.revoked.read()))
            action=words.revoke
            on_confirm=move |()| keys.revoke()
        />
        <NewKey keys=keys />
    }
}

/// The new key with its secret, this once.
#[component]
fn NewKey(keys: Keys) -> impl IntoView {
    let words = &use_messages().connections.keys;
    let open = keys.issued_open;
    Effect::new(move || {
        if !open.get() {
            keys.forget_issued();
        }
    });
    let actions = move || {
        view! {
            <Button variant=ButtonVariant::Primary on_click=move |_| open.set(false)>
                {words.done}
            </Button>
        }
    };
    let line = |label: &'static str, text: String| {
        view! {
            <div class="flex flex-col gap-1.5">
                <p class="font-medium">{label}</p>
                <CodeBlock label=label code=text />
            </div>
        }
    };
    view! {
        <Dialog id="issued-key" title=words.issued open=open actions=actions>
            <div class="flex flex-col gap-4">
                <p class="flex items-start gap-2 rounded-lg bg-note px-3 py-2 text-pretty text-warn">
                    <span class="mt-0.5">
                        <Icon name=IconName::Alert />
                    </span>
                    {words.issued_hint}
                </p>
                {keys.issued.get().map(|issued| (line(words.kid, issued.kid), line(words.secret, issued.secret)))}
            </div>
        </Dialog>
    }
}

/// How a WordPress server signs a token with the key of this id.
fn example(words: &Words, kid: Option<&str>) -> String {
    let Words { comment_server, comment_lifetime, comment_email, .. } = words;
    let kid = kid.unwrap_or("…");
    format!(
        r"// {comment_server}
$user = wp_get_current_user();
$part = function ($data) {{
  return rtrim(strtr(base64_encode($data), '+/', '-_'), '=');
}};
$header = ['alg' => 'HS256', 'kid' => '{kid}'];
$claims = [
  'sub' => (string) $user->ID,
  'iat' => time(),
  'exp' => time() + 3600, // {comment_lifetime}
  'name' => $user->display_name,
  // {comment_email}
  'email' => $user->user_email,
];
$signed = $part(json_encode($header))
  . '.' . $part(json_encode($claims));
$secret = getenv('OMNIOPS_IDENTITY_SECRET');
$token = $signed . '.'
  . $part(hash_hmac('sha256', $signed, $secret, true));"
    )
}
