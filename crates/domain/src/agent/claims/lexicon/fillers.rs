//! Words that say nothing of their own in an answer.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::knowledge::extractive::words::is_stop_word;

const ENGLISH: &str = "always otherwise instead adds add another availability worth value quantity stock afraid confirm believe think guess assume assure sorry like looks great good news happy glad sure course certainly absolutely definitely simply easily directly also currently \
    usually typically generally normally note noted moment right now according information info based via per \
    completely entirely totally available offer offers offered provide provides provided possible \
    apply applies depend depends depending within long much many several various come comes \
    coming want wish wants thing let lets let's yes unfortunately however therefore means mean case regarding \
    concerning question questions help time times day days week weeks month months year years hour hours date say \
    says said see find found look looks work works working well still already yet even either both choose simple \
    quick quickly easy nice perfect kind keep keeps kept set sets amount amounts during while whole first last must \
    might able allow allows allowed eligible option options policy policies place begin begins start starts starting \
    end ends counting counted regularly usual upon whether since until between without us ours takes took taken got \
    go goes gets getting given gives give lasts valid around approximately about roughly hello hi thanks thank \
    welcome please feel dear ok okay there's it's you're we're you'll we'll i'm i'll you've we've i've that's here's \
    what's they're he's she's isn't don't doesn't can't won't aren't didn't couldn't wouldn't shouldn't haven't \
    hasn't wasn't weren't you'd i'd we'd never nor neither none nothing except excluded excluding unable impossible \
    non best better exactly too ever etc onto along across towards against every everyone anyone someone else handle \
    handled ready made makes make put done needed needs required requires require necessary would status try tries trying";

const GERMAN: &str = "immer stets sonst andernfalls verfügbarkeit bestand lagerbestand wert sofern geben gebe fürchte glaube denke bestätigen bestätige natürlich gerne gern leider derzeit aktuell momentan moment einfach selbstverständlich bieten bietet angeboten \
    anbieten dauert dauern beträgt betragen erfolgt möglich zzgl etwa circa ca rund pro je ab \
    innerhalb lang tage tagen tag woche wochen monat monate monaten jahr jahre jahren stunden uhr hallo danke vielen \
    dank gut gute guten super perfekt klar okay bitte frage fragen information informationen laut hinweis beachten \
    beachte zudem außerdem darüber hinaus allerdings jedoch sondern weder ohne außer nichts nie niemals \
    ausgeschlossen ausgenommen unmöglich keinen keiner keinem normalerweise üblicherweise direkt sofern falls wenn \
    sobald während bereits schon immer sogar etwas alles jede jeder jedes jeden andere anderen bekommst möchten \
    möchtest wollen willst sollte sollten könnten könntest darfst dürfen musst müssen muss kannst werden wurde \
    wurden worden gilt gelten liegt liegen steht stehen sowie beim zwischen ins ans unsere unserer unserem unseren \
    unseres ihren ihrem ihrer ihres deinen deinem deiner deines diesem diesen dabei dafür dazu daher hierzu hast \
    hatte wäre seit nächsten nächste erste ersten letzten verfügbar verwenden verwendet nutzen nutzt genutzt satz sogar ende jahres kaufdatum bestelldatum lieferdatum versuchen versucht zeit machen gehen geht kommt kommen finden sehen \
    sagen helfen weiter gültig insgesamt";

static ENGLISH_FILLERS: LazyLock<HashSet<&str>> = LazyLock::new(|| ENGLISH.split_whitespace().collect());
static FILLERS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| ENGLISH.split_whitespace().chain(GERMAN.split_whitespace()).collect());

/// Whether a lower-case word may be left out without a loss of meaning.
pub(in crate::agent::claims) fn is_filler(word: &str) -> bool {
    FILLERS.contains(word) || is_stop_word(word)
}

/// Whether it is one of the longer words of English among them, of which names are made: "Year", "Simple".
pub(in crate::agent::claims) fn is_english_filler(word: &str) -> bool {
    ENGLISH_FILLERS.contains(word) && !is_stop_word(word)
}
