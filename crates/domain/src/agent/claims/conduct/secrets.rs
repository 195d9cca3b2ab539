//! Whether a sentence asks for what nobody should tell in a chat: numbers of cards, passwords, codes of a bank.

use super::Line;
use crate::agent::claims::word_list::{holds, phrases};

/// Secrets, whatever else is said.
const SECRETS: &str = "card number | card numbers | card details | card data | card info | card information | cvv | cvv2 | cvc | \
    security code on | digits on the back | digits on the reverse | expiry date of your card | number of your credit card | \
    number of your debit card | number of your card | number on your card | number on the card | numbers on your card | \
    number on your credit card | back of your card | back of your credit card | back of your debit card | photo of your card | \
    photo of your credit card | picture of your card | picture of your credit card | sides of your card | sides of your credit card | \
    rückseite ihrer karte | rückseite ihrer kreditkarte | rückseite deiner karte | foto ihrer karte | foto ihrer kreditkarte | \
    foto deiner karte | digits of your card | digits of your credit card | code on your card | code on the card | \
    ziffern ihrer karte | ziffern ihrer kreditkarte | password | passwords | passphrase | online banking | banking login | bank login | \
    bank log in | banking log in | banking credentials | bank credentials | bank account number | \
    bank account details | bank account data | bank details | login data | \
    login details | log in details | login credentials | log in credentials | account login | iban | \
    social security number | passport number | kartennummer | kartennummern | kreditkartennummer | kreditkartendaten | \
    kartendaten | kartenprüfnummer | prüfziffer | prüfnummer | sicherheitscode | geheimzahl | passwort | passwörter | \
    kennwort | onlinebanking | bankdaten | bankverbindung | kontonummer | kontodaten | zugangsdaten | anmeldedaten | \
    login daten | logindaten | sozialversicherungsnummer | ausweisnummer | personalausweisnummer | nummer ihrer karte | \
    nummer ihrer kreditkarte | nummer deiner karte | nummer deiner kreditkarte | nummer auf ihrer karte | \
    nummer auf der karte | nummer der kreditkarte";
/// What is named alike and may be asked for.
const HARMLESS: &str = "gift card number | gift card numbers | gift card details | gift card data | loyalty card number | \
    customer card number | member card number | membership card number | club card number | bonus card number | \
    password page";
/// Codes that are asked for where the shop itself sent them.
const CODES: &str = "passcode | passcodes | one time code | one time password | one time passcode | security code | otp | mtan | \
    sms code | einmalcode | einmalpasswort | freischaltcode";
const BANKS: &[&str] = &["bank", "bank's", "banks", "banking", "hausbank", "sparkasse", "issuer"];

/// Whether the clause asks for a secret. `asks`: the sentence is a question.
pub(super) fn are_asked_for(line: &Line<'_>, asks: bool) -> bool {
    let harmless = phrases(HARMLESS).fold(line.joined.clone(), |line, phrase| line.replace(phrase, ""));
    let code = phrases(CODES).find(|code| holds(&harmless, code));
    // "One-time password" is a code, and no password.
    let rest = code.map_or_else(|| harmless.clone(), |code| harmless.replace(code, ""));
    let is_secret = phrases(SECRETS).any(|secret| holds(&rest, secret)) || has_pin(line);
    let of_bank = line.has(BANKS);
    let is_code = code.is_some() && (of_bank || !is_sent_by_us(line)) || of_bank && line.has(&["code", "codes"]);
    if !(is_secret || is_code) || is_of_reset(line) {
        return false;
    }
    let is_denied = line.clause.negated || line.has(&["niemandem", "niemanden", "niemand", "nobody"]);
    asks || !is_denied && is_requested(line)
}

/// In capitals, or as somebody's: a pin may be a thing, and tan a colour.
fn has_pin(line: &Line<'_>) -> bool {
    const OWNERS: &[&str] = &["card", "bank", "banking", "secret", "your"];
    let tokens = line.read.tokens.get(line.clause.tokens.clone()).unwrap_or_default();
    tokens.iter().any(|token| matches!(token.text.as_str(), "PIN" | "PINs" | "TAN" | "TANs"))
        || line.words.windows(2).any(|pair| matches!(pair, [owner, "pin"] if OWNERS.contains(owner)))
}

/// The code that the product itself sends by e-mail.
fn is_sent_by_us(line: &Line<'_>) -> bool {
    const SENT: &[&str] = &[
        "sent",
        "send",
        "mailed",
        "emailed",
        "mail",
        "geschickt",
        "gesendet",
        "geschickten",
        "zugeschickt",
        "schicken",
    ];
    let whole = line.read.words_in(&(0..line.read.tokens.len()));
    let has = |words: &[&str]| whole.iter().any(|word| words.contains(word));
    has(&["we", "we've", "i", "i've", "wir", "ich", "mail", "e"]) && has(SENT)
}

/// "You can reset your password", "Forgot your password?"
fn is_of_reset(line: &Line<'_>) -> bool {
    const RESET: &[&str] = &[
        "reset",
        "resetting",
        "forget",
        "forgot",
        "forgotten",
        "change",
        "changed",
        "changing",
        "new",
        "zurücksetzen",
        "zurückgesetzt",
        "vergessen",
        "ändern",
        "geändert",
        "neues",
        "neue",
    ];
    let of_password = line.has(&["password", "passwords", "passwort", "kennwort", "passphrase"]);
    of_password && line.has(RESET) && !line.has(&["me", "us", "mir", "uns"])
}

fn is_requested(line: &Line<'_>) -> bool {
    const GIVING: &[&str] = &[
        "give",
        "send",
        "tell",
        "share",
        "provide",
        "confirm",
        "write",
        "submit",
        "reply",
        "state",
        "supply",
        "verify",
        "message",
        "text",
        "nennen",
        "nenne",
        "geben",
        "gib",
        "senden",
        "sende",
        "schicken",
        "schick",
        "schicke",
        "teilen",
        "teile",
        "mitteilen",
        "schreiben",
        "schreib",
        "bestätigen",
        "bestätige",
        "verraten",
        "verrate",
        "übermitteln",
        "angeben",
        "hinterlassen",
        "sagen",
        "sag",
        "enter",
        "type",
        "eingeben",
        "eintragen",
        "tippen",
    ];
    const NEEDING: &[&str] =
        &["need", "require", "want", "brauche", "brauchen", "benötige", "benötigen", "bräuchte", "bräuchten"];
    const NEEDED: &[&str] =
        &["needed", "required", "necessary", "benötigt", "erforderlich", "nötig", "missing", "fehlt"];
    const ASKING: &str = "ask for | ask you for | asking for | asking you for | let me have | let us have | let me know | \
        um ihre | um die | um ihr | lassen sie mir | lassen sie uns";
    const US: &[&str] = &["i", "we", "i'd", "i'll", "we'd", "we'll", "ich", "wir"];
    const PLACES: &[&str] = &[
        "checkout",
        "check",
        "kasse",
        "page",
        "seite",
        "website",
        "webseite",
        "site",
        "login",
        "log",
        "app",
        "paypal",
        "klarna",
        "locker",
        "packstation",
        "terminal",
        "form",
        "formular",
        "konto",
    ];
    let is_elsewhere = line.has(PLACES) && !line.has(&["me", "us", "here", "chat", "mir", "uns", "hier"]);
    // "We send you a code" gives.
    let by_customer = |at: usize| {
        let before = line.words.get(at.saturating_sub(2)..at).unwrap_or_default();
        let behind = line.words.get(at + 1);
        !before.iter().any(|word| US.contains(word)) && !behind.is_some_and(|word| matches!(*word, "wir" | "ich"))
    };
    let gives = line.words.iter().enumerate().any(|(at, word)| GIVING.contains(word) && by_customer(at));
    let needs =
        line.has(NEEDING) && line.has(US) || line.has(NEEDED) && line.has(&["your", "ihr", "ihre", "dein", "deine"]);
    (gives || needs) && !is_elsewhere || line.has_any(ASKING)
}
