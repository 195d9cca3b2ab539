//! Several words that mean one thing, lower case, with single spaces; a hyphen counts as a space.

use super::Class::{Key, Method, Place, Plain, Price, Qualifier, Trigger};
use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    (
        "#free",
        Trigger,
        "free of charge | free of cost | for free | at no cost | at no charge | at no extra cost | \
         at no additional cost | at no extra charge | no extra cost | no additional cost | no extra charge | \
         no charge | no cost | no costs | no fee | no fees | without charge | without extra charge | \
         without extra cost | without additional cost | without any extra cost | costs nothing | cost nothing | \
         costs you nothing | costs is nothing | don't pay anything | don't have to pay | do not have to pay | \
         won't have to pay | won't cost you anything | doesn't cost anything | does not cost anything | \
         pay nothing | nothing to pay | won't cost you a thing | won't cost a thing | kostet sie nichts | \
         kostet dich nichts | won't be charged anything | on us | nichts bezahlen | nichts zahlen | nichts zu bezahlen | nichts zu zahlen | ohne aufpreis | ohne zusätzliche kosten | ohne zusatzkosten | ohne kosten | \
         kostet nichts | kosten nichts | keine kosten | keine zusätzlichen kosten | keine gebühr | \
         keine gebühren | frei haus | zum nulltarif",
    ),
    ("#free-shipping", Plain, "keine versandkosten | ohne versandkosten | no shipping costs | no delivery costs"),
    ("#not-free", Trigger, "charge for | charges for"),
    // Not about money.
    ("#at-ease", Plain, "feel free | free to | free time | gerne frei"),
    (
        "#return",
        Trigger,
        "send back | sent back | sending back | send it back | send them back | send anything back | \
         bring back | brought back | give back | ship it back | ship back | gebe zurück | geben zurück | \
         schicken zurück | schick zurück",
    ),
    ("#refund", Trigger, "money back | your money back | geld zurück | get your money"),
    ("#return", Trigger, "take back | takes back"),
    ("#credit", Key, "store credit | shop credit | gift credit"),
    ("#giftcard", Trigger, "gift card | gift cards | gift voucher | gift vouchers | gift certificate"),
    ("#gift", Qualifier, "gift wrap | gift wrapping | gift wrapped"),
    ("#giftreceipt", Key, "gift receipt | gift receipts"),
    ("#pickup", Qualifier, "pick up | picked up | picking up | click and collect | store collection | holen sie ab"),
    ("#sameday", Qualifier, "same day | same business day | selben tag | gleichen tag"),
    (
        "#nextday",
        Qualifier,
        "next day | next working day | next business day | nächsten tag | nächsten tages | nächsten werktag | nächsten werktags | nächsten werktages",
    ),
    ("#overnight", Qualifier, "over night | über nacht"),
    ("#original", Key, "original packaging | original box | original packing"),
    ("#second-hand", Key, "second hand | pre owned | zweite hand"),
    (
        "#best-price",
        Trigger,
        "price match | price matching | best price | price guarantee | lowest price | beat any price",
    ),
    ("#lifetime", Key, "life time | for life | ein leben lang"),
    (
        "#arrive",
        Plain,
        "after delivery | days of delivery | from delivery | of receipt | nach lieferung | nach der lieferung | \
         nach zustellung | nach der zustellung | ab lieferung | ab zustellung",
    ),
    ("#m:card", Method, "credit card | credit cards | debit card | debit cards | card payment | card payments"),
    ("#m:apple", Method, "apple pay"),
    ("#m:google", Method, "google pay"),
    ("#m:amazon", Method, "amazon pay"),
    ("#m:shop", Method, "shop pay"),
    ("#m:amex", Method, "american express"),
    (
        "#m:transfer",
        Method,
        "bank transfer | bank transfers | wire transfer | auf vorkasse | pay in advance | paying in advance | payment in advance",
    ),
    ("#m:debit", Method, "direct debit | sepa direct debit | sepa lastschrift"),
    ("#m:cod", Method, "cash on delivery | pay on delivery | per nachnahme"),
    (
        "#m:invoice",
        Method,
        "by invoice | on account | per invoice | pay later | auf rechnung | per rechnung | \
         purchase on account | kauf auf rechnung",
    ),
    ("#m:instalments", Method, "in instalments | in installments | monthly payments | in raten | monthly instalments"),
    (
        "#eu",
        Place,
        "all countries of the european union | all countries of the eu | all eu countries | all countries in the eu | \
         alle länder der eu | alle länder der europäischen union | allen ländern der eu | alle eu länder",
    ),
    (
        "#world",
        Place,
        "all countries | every country | any country | each country | alle länder | allen ländern | jedes land | in jedem land",
    ),
    ("#eu", Place, "european union | europäische union | europäischen union"),
    (
        "#uk",
        Place,
        "united kingdom | great britain | vereinigtes königreich | vereinigte königreich | northern ireland",
    ),
    (
        "#us",
        Place,
        "united states | united states of america | vereinigte staaten | vereinigten staaten | the us | \
         the states",
    ),
    ("#czechia", Place, "czech republic | tschechische republik"),
    ("#nz", Place, "new zealand"),
    ("#world", Place, "all over the world | around the world | anywhere in the world | auf der ganzen welt"),
    ("#elsewhere", Plain, "rest of the | other countries | andere länder | anderen ländern"),
    ("#tax", Qualifier, "value added tax | sales tax"),
    (
        "#open",
        Trigger,
        "opening hours | opening times | business hours | are open | is open | we're open | open on | \
         open from | open daily | open every | open until | open at | open monday | open tuesday | \
         open wednesday | open thursday | open friday | open saturday | open sunday | open weekdays | \
         sind offen | hat offen | haben offen | haben auf",
    ),
    ("#confirmation", Plain, "confirmation e mail | confirmation email | confirmation mail"),
    ("#price", Price, "how much | wie viel"),
    ("#checkin", Plain, "check in | checking in | checked in"),
    ("#checkout", Plain, "check out | checking out"),
    ("#minor", Plain, "at least"),
    ("#deduct", Plain, "taken off | take off | ziehen ab"),
    ("#package-tracking", Plain, "tracking link | tracking number"),
    ("#term", Trigger, "minimum term | notice period | contract period"),
    ("#yearly", Key, "a year | per year | each year | every year | im jahr | pro jahr"),
    ("#monthly", Key, "a month | per month | each month | every month | im monat | pro monat"),
    ("#weekly", Key, "a week | per week | pro woche"),
    ("#daily", Key, "a day | per day | pro tag"),
    ("#nightly", Key, "a night | per night | pro nacht"),
];
