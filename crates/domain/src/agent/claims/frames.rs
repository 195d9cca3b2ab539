//! What a part of a sentence does: states something of the shop, or talks with the customer.

use super::word_list::{holds, phrases, starts};

/// What a clause does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It states something.
    States,
    /// It greets, asks, offers help, repeats what the customer wants, or points to a page.
    Talks,
    /// It says what the assistant did or will do, with something that matters.
    Acts,
}

/// How the words of a clause begin when nothing of the shop is stated.
const TALK: &str = "thank | thanks | danke | vielen dank | hello | hi | hallo | guten | sorry | i'm sorry to | i am sorry to | \
    sorry to hear | sorry about | i'm sorry about | i'm sorry you | i'm sorry that you | es tut mir leid dass | \
    tut mir leid dass | i understand | ich verstehe | you mentioned | you said | you asked | you want | you wanted | \
    you would like | you'd like | you wish | you are looking | you're looking | you told | you are asking | \
    you're asking | you are interested | you're interested | du möchtest | sie möchten | sie suchen | du suchst | \
    sie haben gefragt | du hast gefragt | please let | please tell | please share | please provide | please give | \
    please send me | please send us your | please confirm | please enter | please reply | please type | \
    please contact | please check | please see | please visit | please write | please email | please call | \
    bitte nennen | bitte geben | bitte teilen | bitte senden sie mir | bitte schicken sie mir | bitte kontaktieren | \
    bitte wenden | bitte sagen | bitte schreiben | nennen sie | let me | let us | lass mich | lassen sie mich | \
    here is | here are | here's | hier ist | hier sind | hier finden | feel free to | for more | for further | \
    für weitere | mehr informationen | more information | more details | see the | see our | have a look | \
    take a look | siehe | regarding | as for | bezüglich | zu ihrer frage | zu deiner frage | about your | \
    could you | can you | would you | könnten sie | können sie mir | kannst du mir | möchten sie | möchtest du | \
    soll ich | shall i | should i | do you want | do you need | anything else | is there anything | welcome | \
    you're welcome | gern geschehen | gerne helfe | gern helfe | to check | to help | to look | um das zu prüfen | \
    damit ich | so i can | so that i can | happy to help | that must be | that must have been";
/// "You can …": where something is found, or what to write here.
const POINTING: &str = "find | see | check | read | view | visit | contact | ask | tell | choose | let | reply | write | email | call | \
    reach | look | share | send me | click | follow | browse | open | finden | sehen | prüfen | lesen | besuchen | \
    kontaktieren | fragen | sagen | wählen | schreiben | erreichen | anrufen | nachlesen | ansehen | also find | \
    also see | always contact | auch hier";
/// Nouns behind a rule's word that make it the name of a page or a team: "our returns page".
const NAMED: &str = "page | policy | policies | section | team | department | question | questions | information | info | details | \
    status | seite | richtlinie | richtlinien | bedingungen | abteilung | fragen | informationen | conditions | \
    terms | number | nummer | request | anfrage | inquiry | enquiry";
/// Where the evidence is said to be silent.
const UNKNOWN: &str = "don't have | do not have | couldn't find | could not find | can't find | cannot find | didn't find | \
    did not find | don't know | do not know | not sure | no information | not mention | doesn't mention | \
    don't mention | not mentioned | doesn't say | don't say | not say | not specified | doesn't specify | \
    not listed | isn't listed | no details | keine information | keine informationen | keine angaben | \
    keine angabe | nicht gefunden | weiß ich nicht | weiss ich nicht | nicht sicher | liegen mir | can't say | \
    cannot say | can't confirm | cannot confirm | unable to confirm | unable to find | nicht sagen | \
    nicht bestätigen | nichts gefunden | not able to find | not covered in the sources | don't state | \
    doesn't state | not stated";
/// What an assistant may not claim to have done, or to be about to do, unless a tool did it.
const ACTS: &str = "refund | refunded | refunding | cancel | cancelled | canceled | change | changed | changing | update | updated | updating | ship | \
    shipped | send | sent | sending | order | ordered | place | placed | reserve | reserved | book | booked | apply | applied | \
    add | added | issue | issued | extend | extended | approve | approved | credit | credited | replace | replaced | exchange | \
    exchanged | delete | deleted | waive | waived | process | processed | arrange | arranged | create | created | initiate | \
    initiated | schedule | scheduled | upgrade | upgraded | remove | removed | activate | activated | resend | resent | generate | \
    generated | promise | grant | granted | submit | submitted | register | registered | unsubscribe | unsubscribed | storniere | \
    storniert | stornieren | geändert | ändere | ändern | aktualisiert | aktualisiere | erstatte | erstattet | erstatten | gebucht | \
    buche | bestellt | bestelle | reserviert | reserviere | gesendet | sende | geschickt | schicke | verschickt | veranlasst | \
    veranlasse | gelöscht | lösche | hinzugefügt | füge | eingelöst | verlängert | gutgeschrieben | angelegt | verspreche | \
    garantiere | ausgetauscht | ersetze | ersetzt | knock | compensate | reimburse | reimbursed | called | phoned | \
    spoke | spoken | angerufen | telefoniert | gesprochen";
/// What an assistant may say of itself. Beginnings of words.
const HELPS: &str = "help | check | look | find | found | search | see | connect | transfer | forward | pass | ask | explain | show | \
    tell | note | understand | suggest | recommend | need | hope | escalat | share | assist | answer | wonder | \
    helf | prüf | such | gefunden | verbind | weiterleit | weitergeb | gebe | leite | frag | erklär | zeig | \
    brauch | benötig | empfehl | versteh | notier | schau | informier | sorry | afraid | glad | happy | gern";

/// What the clause does. `words` are its words, lower case.
pub(super) fn role(words: &[&str]) -> Role {
    let words = without_lead(words);
    let line = words.join(" ");
    if phrases(UNKNOWN).any(|phrase| holds(&line, phrase))
        && (speaks_of_itself(words)
            || holds(&line, "information")
            || holds(&line, "informationen")
            || speaks_of_sources(words))
    {
        return Role::Talks;
    }
    if let Some(rest) = reported(words) {
        return role(rest);
    }
    if phrases(TALK).any(|phrase| starts(&line, phrase)) {
        return Role::Talks;
    }
    if speaks_of_itself(words) {
        return of_assistant(words);
    }
    if let Some(rest) = words
        .strip_prefix(&["you", "can"])
        .or_else(|| words.strip_prefix(&["sie", "können"]))
        .or_else(|| words.strip_prefix(&["du", "kannst"]))
    {
        let rest = rest.join(" ");
        let last = rest.rsplit(' ').next().unwrap_or_default().to_owned();
        // "You can type the code here."
        if last == "here" || holds(&rest, "hier") {
            return Role::Talks;
        }
        if phrases(POINTING).any(|phrase| starts(&rest, phrase) || last == phrase) {
            return Role::Talks;
        }
    }
    Role::States
}

/// Whether all that the clause says of rules is the name of a page, a team or the customer's own matter.
pub(super) fn is_named_only(words: &[&str], is_rule: impl Fn(&str) -> bool) -> bool {
    let rules: Vec<usize> = words.iter().enumerate().filter(|(_, word)| is_rule(word)).map(|(at, _)| at).collect();
    !rules.is_empty()
        && rules.iter().all(|at| {
            let near = words.get(at + 1..(at + 3).min(words.len())).unwrap_or_default();
            near.iter().any(|word| phrases(NAMED).any(|named| named == *word))
        })
}

/// What stands before the clause proper: "so", "great", "in that case", "but".
fn without_lead<'a, 'b>(mut words: &'b [&'a str]) -> &'b [&'a str] {
    const LEADS: &str = "so | ok | okay | great | sure | certainly | absolutely | unfortunately | then | and | but | also | of | course | \
        yes | no | well | perfect | however | leider | gut | ja | nein | natürlich | gerne | und | aber | dann | klar | \
        good | news | alright | currently";
    while let [first, rest @ ..] = words {
        if !phrases(LEADS).any(|lead| lead == *first) || rest.is_empty() {
            break;
        }
        words = rest;
    }
    words
}

/// What is reported: "I can confirm that returns are free" states that they are.
fn reported<'a, 'b>(words: &'b [&'a str]) -> Option<&'b [&'a str]> {
    const SILENT: &[&str] =
        &["sorry", "glad", "happy", "understand", "see", "hear", "verstehe", "leid", "hope", "hoffe"];
    const BELIEVING: &[&str] = &["afraid", "think", "believe", "guess", "assume", "fürchte", "glaube", "denke"];
    if words.first().is_some_and(|word| matches!(*word, "please" | "bitte" | "note")) {
        let at = words
            .iter()
            .take(4)
            .position(|word| matches!(*word, "note" | "beachten" | "beachte" | "remember" | "aware"))?;
        let rest = words.get(at + 1..)?;
        let rest = rest
            .iter()
            .position(|word| matches!(*word, "that" | "dass"))
            .filter(|at| *at < 3)
            .and_then(|at| rest.get(at + 1..))
            .unwrap_or(rest);
        return (!rest.is_empty()).then_some(rest);
    }
    if !speaks_of_itself(words) {
        return None;
    }
    let that = words.iter().position(|word| matches!(*word, "that" | "dass"));
    let after = |at: usize| words.get(at + 1..).filter(|rest| !rest.is_empty());
    if let Some(at) = that.filter(|at| *at <= 6) {
        let rest = after(at)?;
        let before = words.get(..at).unwrap_or_default();
        // "I'm sorry that you …", "I understand that you …" tell of the customer.
        let of_customer =
            rest.first().is_some_and(|word| matches!(*word, "you" | "your" | "sie" | "du" | "ihre" | "dein"));
        return (!(of_customer && before.iter().any(|word| SILENT.contains(word)))).then_some(rest);
    }
    let believing = words.iter().take(4).position(|word| BELIEVING.contains(word));
    if let Some(at) = believing {
        return after(at);
    }
    // "I can confirm free returns."
    let confirming = words.iter().take(4).position(|word| {
        ["confirm", "guarantee", "assure", "bestätig", "garantier", "versicher"]
            .iter()
            .any(|verb| word.starts_with(verb))
    });
    confirming.and_then(after)
}

fn speaks_of_itself(words: &[&str]) -> bool {
    const SELF: &[&str] = &["i", "i'm", "i'll", "i'd", "i've", "ich", "let", "let's"];
    let mut near = words.iter().take(3);
    near.any(|word| SELF.contains(word))
        || words.contains(&"mir") && words.iter().any(|word| matches!(*word, "liegen" | "leid"))
}

fn speaks_of_sources(words: &[&str]) -> bool {
    words.iter().any(|word| {
        matches!(
            *word,
            "page"
                | "pages"
                | "source"
                | "sources"
                | "website"
                | "seite"
                | "seiten"
                | "quelle"
                | "quellen"
                | "text"
                | "sites"
        )
    })
}

fn of_assistant(words: &[&str]) -> Role {
    let denies = words.iter().any(|word| {
        matches!(*word, "not" | "cannot" | "unable" | "nicht" | "kann" | "no") && *word != "kann"
            || word.ends_with("n't")
    });
    let asks =
        words.iter().any(|word| matches!(*word, "would" | "whether" | "ob" | "if" | "need" | "brauche" | "benötige"));
    let helps = words.iter().position(|word| phrases(HELPS).any(|beginning| word.starts_with(beginning)));
    let Some(act) = act_at(words) else { return Role::Talks };
    // "I can send you a code" offers what a tool then does.
    let offers = words.iter().any(|word| matches!(*word, "can" | "could" | "kann"))
        && words.iter().any(|word| matches!(*word, "code" | "link" | "details" | "information" | "summary"));
    let offers =
        offers || words.contains(&"code") && words.iter().any(|word| matches!(*word, "i'll" | "will" | "werde"));
    let comes_first = helps.is_none_or(|help| act < help);
    if !denies && !asks && !offers && (comes_first || is_done(words, act)) { Role::Acts } else { Role::Talks }
}

/// Where the verb stands by which a clause acts; "your order" and "a refund" are no verbs.
fn act_at(words: &[&str]) -> Option<usize> {
    const BEFORE_NOUNS: &[&str] = &[
        "your", "the", "a", "an", "this", "that", "any", "my", "our", "to", "about", "ihre", "deine", "die", "der",
        "den", "eine", "of",
    ];
    let is_noun = |at: usize| {
        at.checked_sub(1).and_then(|before| words.get(before)).is_some_and(|word| BEFORE_NOUNS.contains(word))
    };
    words.iter().enumerate().position(|(at, word)| phrases(ACTS).any(|act| act == *word) && !is_noun(at))
}

/// "I found your order and cancelled it": said to be done, whatever else was.
fn is_done(words: &[&str], act: usize) -> bool {
    const BEFORE: &[&str] =
        &["and", "have", "i've", "then", "already", "just", "und", "habe", "bereits", "also", "now"];
    const PASSIVE: &[&str] = &["was", "were", "is", "are", "been", "be", "wurde", "wurden"];
    let is_past = words.get(act).is_some_and(|word| {
        word.ends_with("ed") || word.ends_with("sent") || word.ends_with("iert") || word.starts_with("ge")
    });
    let before = words.get(act.saturating_sub(3)..act).unwrap_or_default();
    is_past && before.iter().any(|word| BEFORE.contains(word)) && !before.iter().any(|word| PASSIVE.contains(word))
}

/// The verb by which a clause of the assistant acts.
pub(super) fn act<'a>(words: &[&'a str]) -> Option<&'a str> {
    words.get(act_at(words)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Role {
        let lower = text.to_lowercase();
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
        role(&words)
    }

    #[test]
    fn talk_is_told_from_statements() {
        for text in [
            "I can help you with your return",
            "Let me connect you with a colleague",
            "Thanks for asking about shipping",
            "I'm sorry to hear that your parcel is late",
            "I couldn't find information about shipping to Norway",
            "You can find our return policy here",
            "I understand that you want to return the tent",
            "Here is what I found about returns",
            "Please let me know your order number",
            "Could you tell me where to deliver it",
            "The pages don't mention shipping to Chile",
            "Gerne helfe ich Ihnen mit der Rückgabe",
            "Dazu liegen mir keine Informationen vor",
            "I've passed your request on to a colleague",
            "I'm unable to cancel orders",
            "I have good news about your refund",
            "I can help you cancel your order",
            "I see that your order was shipped",
            "That must be frustrating",
        ] {
            assert_eq!(of(text), Role::Talks, "{text}");
        }
        for text in [
            "Returns are free",
            "I can confirm that returns are free",
            "I'm afraid we don't ship to Norway",
            "Please note that returns are free",
            "You can return it within 60 days",
            "Wir liefern nach Österreich",
            "I can confirm free returns",
        ] {
            assert_eq!(of(text), Role::States, "{text}");
        }
        for text in [
            "I have cancelled your order",
            "I'll refund you right away",
            "Ich habe Ihre Bestellung storniert",
            "I found your order and cancelled it",
            "I've applied a discount",
            "I just called the carrier for you",
        ] {
            assert_eq!(of(text), Role::Acts, "{text}");
        }
    }
}
