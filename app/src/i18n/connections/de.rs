//! Deutsch.

use omniops_types::StoreProblem;

use super::{Connections, IdentityKeys, Store, Trouble};

pub(in crate::i18n) const CONNECTIONS: Connections = Connections {
    page: "Verbindungen",
    domain: "Domain",
    no_domain: "Noch keine Domain",
    no_domain_hint: "Ein Shop und seine Schlüssel gehören zu einer Domain. Wer diesen Server betreibt, legt eine an:",
    command: "Befehl",
    cancel: "Abbrechen",
    store: STORE,
    keys: KEYS,
};

const STORE: Store = Store {
    title: "Shop",
    lead: "Die KI schlägt Produkte in Ihrem WooCommerce-Shop nach, und Bestellungen nur für Kunden, die sich ausgewiesen haben. Sie schreibt nichts.",
    address: "Adresse des Shops",
    address_hint: "Die Website-Adresse in WordPress → Einstellungen → Allgemein.",
    consumer_key: "Consumer-Key",
    consumer_secret: "Consumer-Secret",
    keys_from: "WooCommerce erzeugt beide: WooCommerce → Einstellungen → Erweitert → REST-API → Schlüssel hinzufügen, mit der Berechtigung Lesen. Sie werden verschlüsselt gespeichert und nie wieder angezeigt.",
    keys_again: "Andere Adresse: Geben Sie die Schlüssel noch einmal ein. Sie gehen nur an die Adresse, für die sie eingegeben wurden.",
    address_missing: "Geben Sie die Adresse des Shops ein",
    key_missing: "Geben Sie beide Schlüssel ein",
    pair: "Geben Sie auch diesen ein: Die beiden gehören zusammen",
    not_a_key: |prefix| format!("Ein Schlüssel, der mit {prefix} beginnt"),
    saved_toast: "Der Shop ist gespeichert",
    not_saved_toast: "Der Shop wurde nicht gespeichert",
    none: "Kein Shop ist verbunden",
    none_hint: "Die KI weiß nur, was auf Ihren Seiten steht.",
    connected: |address| format!("Mit {address} verbunden"),
    not_asked: "Seit diese Seite geöffnet wurde, hat ihn niemand gefragt.",
    asking: |address| format!("Fragt {address} …"),
    works: "Der Shop antwortet",
    works_as: |name, currency| {
        if name.is_empty() {
            format!("Die Preise sind in {currency}.")
        } else {
            format!("{name}, mit Preisen in {currency}.")
        }
    },
    trouble,
    not_checked: "Der Shop konnte nicht geprüft werden",
    check: "Jetzt prüfen",
    check_again: "Erneut prüfen",
    disconnect: "Trennen",
    disconnect_title: "Den Shop trennen?",
    disconnect_text: |address| {
        format!(
            "Die KI schlägt bei {address} dann weder Produkte noch Bestellungen nach. Die Schlüssel werden hier gelöscht; in WooCommerce gelten sie, bis Sie sie dort löschen."
        )
    },
    disconnected_toast: "Der Shop ist getrennt",
};

const fn trouble(problem: StoreProblem) -> Trouble {
    match problem {
        StoreProblem::KeysRefused => Trouble {
            title: "Der Shop lehnt die Schlüssel ab",
            remedy: "Kopieren Sie beide noch einmal, und sehen Sie nach, ob ihre Berechtigung Lesen oder Lesen/Schreiben ist. Bei http:// muss die Adresse außerdem genau wie in WordPress geschrieben sein und die Uhr des Shops stimmen.",
        },
        StoreProblem::NoApi => Trouble {
            title: "Unter dieser Adresse ist kein WooCommerce",
            remedy: "Geben Sie die Adresse der Startseite ein. Stimmt sie, wählen Sie in WordPress → Einstellungen → Permalinks eine andere Struktur als Einfach.",
        },
        StoreProblem::Redirected => Trouble {
            title: "Der Shop leitet an eine andere Adresse weiter",
            remedy: "Geben Sie die ein, die der Browser am Ende zeigt, mit oder ohne www und mit https://.",
        },
        StoreProblem::Unavailable => Trouble {
            title: "Der Shop ist nicht erreichbar",
            remedy: "Öffnen Sie ihn im Browser. Geht es dort, hält vielleicht eine Firewall diesen Server fern: Lassen Sie ihn durch, und prüfen Sie erneut.",
        },
        StoreProblem::Busy => Trouble {
            title: "Der Shop will weniger Anfragen",
            remedy: "Warten Sie eine Minute, und prüfen Sie erneut. Bleibt es dabei, erhöhen Sie die Grenze des Plugins oder Hosters, der sie zählt.",
        },
        StoreProblem::Unusable => Trouble {
            title: "Was dort antwortet, ist kein Shop",
            remedy: "Vielleicht antwortet eine Wartungsseite oder ein Plugin an seiner Stelle. Geben Sie die Adresse der Startseite ein, oder fragen Sie Ihren Hoster.",
        },
    }
}

const KEYS: IdentityKeys = IdentityKeys {
    title: "Identitätsschlüssel",
    lead: "Mit ihnen unterschreibt Ihr Shop, wer seine Besucher sind, damit die KI mit ihnen über ihre eigenen Bestellungen sprechen darf.",
    none: "Noch kein Schlüssel. Bis dahin weisen sich Besucher mit einem Code per E-Mail aus.",
    list: "Identitätsschlüssel",
    made: "Erstellt",
    new: "Neuer Schlüssel",
    most: "Höchstens zwei: So wechselt Ihr Shop ohne Lücke vom einen zum nächsten.",
    replace: "Ältesten ersetzen",
    replace_title: "Den ältesten Schlüssel ersetzen?",
    replace_text: |kid| {
        format!(
            "Tokens, die mit {kid} unterschrieben sind, werden sofort abgelehnt. Der andere Schlüssel gilt neben dem neuen weiter."
        )
    },
    revoke: "Widerrufen",
    revoke_named: |kid| format!("{kid} widerrufen"),
    revoke_title: "Den Schlüssel widerrufen?",
    revoke_text: |kid| {
        format!("Tokens, die mit {kid} unterschrieben sind, werden sofort abgelehnt. Er kommt nicht wieder.")
    },
    revoked_toast: "Der Schlüssel ist widerrufen",
    not_made_toast: "Es wurde kein Schlüssel erstellt",
    issued: "Ihr neuer Schlüssel",
    issued_hint: "Kopieren Sie das Geheimnis jetzt. Es wird nicht wieder angezeigt. Bewahren Sie es auf Ihrem Server auf, nie in einer Seite.",
    kid: "Schlüssel-ID (kid)",
    secret: "Geheimnis",
    done: "Fertig",
    how: "Wie Ihr Server ein Token unterschreibt",
    how_hint: "Ein JSON Web Token, HS256, mit der ID des Schlüssels im Kopf.",
    comment_server: "Auf Ihrem Server, und nur für Kunden, die angemeldet sind.",
    comment_lifetime: "höchstens 24 Stunden nach iat",
    comment_email: "Nur, wenn der Kunde sie Ihnen bestätigt hat:",
    how_sent: "Programme senden das Token als identity_token in POST /api/chat. Das Chat-Widget sendet es noch nicht.",
};
