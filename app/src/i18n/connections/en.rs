//! English.

use omniops_types::StoreProblem;

use super::{Connections, IdentityKeys, Store, Trouble};

pub(in crate::i18n) const CONNECTIONS: Connections = Connections {
    page: "Connections",
    domain: "Domain",
    no_domain: "No domain yet",
    no_domain_hint: "A store and its keys belong to a domain. Whoever runs this server adds one:",
    command: "Command",
    cancel: "Cancel",
    store: STORE,
    keys: KEYS,
};

const STORE: Store = Store {
    title: "Store",
    lead: "The AI looks up products in your WooCommerce store, and orders only for customers who proved who they are. It writes nothing.",
    address: "Address of the store",
    address_hint: "The Site Address in WordPress → Settings → General.",
    consumer_key: "Consumer key",
    consumer_secret: "Consumer secret",
    keys_from: "WooCommerce makes both: WooCommerce → Settings → Advanced → REST API → Add key, with the permission Read. They are stored encrypted, and never shown again.",
    keys_again: "Another address: enter the keys again. They are only sent to the address they were given for.",
    address_missing: "Enter the store's address",
    key_missing: "Enter both keys",
    pair: "Enter this one too: the two belong together",
    not_a_key: |prefix| format!("A key that begins with {prefix}"),
    saved_toast: "The store is saved",
    not_saved_toast: "The store was not saved",
    none: "No store is connected",
    none_hint: "The AI knows only what your pages say.",
    connected: |address| format!("Connected to {address}"),
    not_asked: "Nobody asked it since this page was opened.",
    asking: |address| format!("Asking {address} …"),
    works: "The store answers",
    works_as: |name, currency| {
        if name.is_empty() {
            format!("Prices are in {currency}.")
        } else {
            format!("{name}, with prices in {currency}.")
        }
    },
    trouble,
    not_checked: "The store could not be checked",
    check: "Check now",
    check_again: "Check again",
    disconnect: "Disconnect",
    disconnect_title: "Disconnect the store?",
    disconnect_text: |address| {
        format!(
            "The AI will look up neither products nor orders at {address}. The keys are deleted here; in WooCommerce they stay good until you delete them there."
        )
    },
    disconnected_toast: "The store is disconnected",
};

const fn trouble(problem: StoreProblem) -> Trouble {
    match problem {
        StoreProblem::KeysRefused => Trouble {
            title: "The store refuses the keys",
            remedy: "Copy both once more, and see that their permission is Read or Read/Write. Over http:// the address must also be spelled exactly as in WordPress, and the store's clock be right.",
        },
        StoreProblem::NoApi => Trouble {
            title: "No WooCommerce at this address",
            remedy: "Enter the address of the shop's home page. If it is right, choose any structure but Plain in WordPress → Settings → Permalinks.",
        },
        StoreProblem::Redirected => Trouble {
            title: "The store sends to another address",
            remedy: "Enter the one that the browser shows in the end, with or without www and with https://.",
        },
        StoreProblem::Unavailable => Trouble {
            title: "The store cannot be reached",
            remedy: "Open it in a browser. If it works there, a firewall may keep this server out: let it in, then check again.",
        },
        StoreProblem::Busy => Trouble {
            title: "The store wants fewer requests",
            remedy: "Wait a minute, then check again. If it stays so, raise the limit of the plugin or host that counts them.",
        },
        StoreProblem::Unusable => Trouble {
            title: "What answers there is no store",
            remedy: "A maintenance page or a plugin may answer in its place. Enter the address of the shop's home page, or ask your host.",
        },
    }
}

const KEYS: IdentityKeys = IdentityKeys {
    title: "Identity keys",
    lead: "With these your shop signs who its visitors are, so that the AI may speak with them about their own orders.",
    none: "No key yet. Until then visitors prove who they are with a code by e-mail.",
    list: "Identity keys",
    made: "Made",
    new: "New key",
    most: "Two at most: your shop changes from one to the next without a gap.",
    replace: "Replace the oldest",
    replace_title: "Replace the oldest key?",
    replace_text: |kid| {
        format!("Tokens signed with {kid} are refused at once. The other key goes on beside the new one.")
    },
    revoke: "Revoke",
    revoke_named: |kid| format!("Revoke {kid}"),
    revoke_title: "Revoke the key?",
    revoke_text: |kid| format!("Tokens signed with {kid} are refused at once. It cannot be brought back."),
    revoked_toast: "The key is revoked",
    not_made_toast: "No key was made",
    issued: "Your new key",
    issued_hint: "Copy the secret now. It will not be shown again. Keep it on your server, never in a page.",
    kid: "Key id (kid)",
    secret: "Secret",
    done: "Done",
    how: "How your server signs a token",
    how_hint: "A JSON web token, HS256, with the key's id in its header.",
    comment_server: "On your server, and only for a customer who is signed in.",
    comment_lifetime: "24 hours after iat at most",
    comment_email: "Only if the customer confirmed it to you:",
    how_sent: "Programs send the token as identity_token in POST /api/chat. The chat widget does not send it yet.",
};
