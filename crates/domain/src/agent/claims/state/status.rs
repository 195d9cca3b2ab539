//! Where an order or a parcel stands.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{NEGATIONS, Words};
use crate::agent::claims::values::{Found, Value};
use crate::agent::claims::word_list::{Phrases, set};

/// Where an order or a parcel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agent::claims) enum Status {
    Pending,
    Processing,
    OnHold,
    Paid,
    Shipped,
    Delivered,
    Completed,
    Cancelled,
    Refunded,
    Failed,
    ReadyForPickup,
}

impl Status {
    /// What is claimed is so, when `stated` is.
    pub fn is_told_by(self, stated: Self) -> bool {
        self == stated || self == Self::Shipped && stated == Self::Delivered
    }

    /// Whether it is not so, when `stated` is: "not shipped yet" is told by "processing". `denied`: `stated` is not so.
    pub fn is_denied_by(self, stated: Self, denied: bool) -> bool {
        let waits = matches!(stated, Self::Pending | Self::Processing | Self::OnHold | Self::Failed | Self::Cancelled);
        if denied {
            return self == stated;
        }
        match self {
            Self::Shipped | Self::Completed | Self::ReadyForPickup => waits,
            Self::Delivered => waits || stated == Self::Shipped,
            Self::Paid => matches!(stated, Self::Pending | Self::OnHold | Self::Failed),
            Self::Cancelled | Self::Refunded => {
                matches!(stated, Self::Processing | Self::Shipped | Self::Delivered | Self::Completed)
            }
            Self::Pending | Self::Processing | Self::OnHold | Self::Failed => false,
        }
    }

    /// What a store's word for a state means, as it stands in a field: `on-hold`, `in_transit`.
    pub fn of_field(text: &str) -> Option<Self> {
        let plain = text.trim().to_lowercase().replace(['-', '_'], " ");
        let plain = plain.strip_prefix("wc ").unwrap_or(&plain);
        let words: Vec<&str> = plain.split_whitespace().collect();
        let (status, length) = STATES.longest(|distance| words.get(distance).copied())?;
        (length == words.len()).then_some(status)
    }
}

/// Words for states, as they stand behind "is", "has been" or "wurde".
static STATES: LazyLock<Phrases<Status>> = LazyLock::new(|| {
    Phrases::new([
        ("pending | pending payment | awaiting payment | ausstehend | unpaid", Status::Pending),
        (
            "processing | being processed | in progress | being packed | being prepared | in preparation | in bearbeitung | \
             bearbeitet | wird bearbeitet | wird verpackt | wird vorbereitet | in vorbereitung",
            Status::Processing,
        ),
        ("on hold | wartend | angehalten | zurückgestellt", Status::OnHold),
        ("paid | bezahlt", Status::Paid),
        (
            "shipped | dispatched | sent | sent out | on its way | on the way | on their way | in transit | \
             handed over to the carrier | handed to the carrier | handed to dhl | handed to the courier | \
             handed over to dhl | handed over to the courier | handed over to dpd | handed over to ups | \
             at the sorting centre | at the sorting center | at the distribution centre | at the depot | \
             im verteilzentrum | im paketzentrum | im zustelldepot | out for delivery | \
             on the truck | on a truck | on the van | on a van | in the van | on the lorry | on the road | in the post | \
             in the mail | with the carrier | with the courier | with the driver | with dhl | with dpd | with gls | \
             with hermes | with ups | with fedex | beim zusteller | beim fahrer | beim paketdienst | bei dhl | \
             im zustellfahrzeug | im lieferwagen | im lkw | auf dem lkw | in der post | in der zustellung | posted | versandt | versendet | \
             verschickt | abgeschickt | unterwegs | auf dem weg | in zustellung | fulfilled | übergeben",
            Status::Shipped,
        ),
        (
            "at your door | on your doorstep | in your mailbox | in your letterbox | with your neighbour | \
             with your neighbor | bei ihrem nachbarn | bei deinem nachbarn | beim nachbarn | in ihrem briefkasten | \
             vor ihrer tür",
            Status::Delivered,
        ),
        ("delivered | arrived | zugestellt | geliefert | angekommen | ausgeliefert", Status::Delivered),
        ("completed | complete | abgeschlossen", Status::Completed),
        ("cancelled | canceled | storniert", Status::Cancelled),
        ("refunded | erstattet | rückerstattet | zurückerstattet", Status::Refunded),
        ("failed | fehlgeschlagen", Status::Failed),
        ("ready for pickup | ready for pick up | ready for collection | abholbereit", Status::ReadyForPickup),
    ])
});
/// Words that only tell of a parcel's way, whatever verb stands before them.
static WAY: LazyLock<Phrases<Status>> = LazyLock::new(|| {
    Phrases::new([
        (
            "left the warehouse | left our warehouse | left the depot | left our depot | left our hands | left the building | \
             went out this | went out today | went out yesterday | rausgegangen | \
             lager verlassen | haus verlassen | versandzentrum verlassen | driver has it | courier has it | \
             carrier has it | dhl has it | driver has your | courier has your | carrier has your | dhl has your | \
             fahrer hat es | zusteller hat es | dhl hat es | fahrer hat ihr | zusteller hat ihr | dhl hat ihr | \
             picked up by the carrier | picked up by the courier | picked up by dhl | picked up by the driver | \
             collected by the carrier | collected by the courier | collected by dhl | vom paketdienst abgeholt | \
             von dhl abgeholt | vom zusteller abgeholt",
            Status::Shipped,
        ),
        ("dropped it off | left it with your | left it at your | beim nachbarn abgegeben", Status::Delivered),
        (
            "zur abholung bereit | bereit zur abholung | waiting to be collected | waiting to be picked up | ready to collect",
            Status::ReadyForPickup,
        ),
        (
            "working on your order | packing your order | preparing your order | packen gerade ihre bestellung | \
             bearbeiten gerade ihre bestellung",
            Status::Processing,
        ),
    ])
});
/// With them it is told after how long something is ready.
static SPANS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| set("minutes hour hours day days minuten stunde stunden tag tage tagen werktagen"));
/// Words that make a text speak of one order rather than of orders in general.
static ORDERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "order parcel package shipment consignment status bestellung paket sendung lieferung auftrag payment zahlung refund \
         it it's sie es",
    )
});
static GENERAL: LazyLock<HashSet<&str>> = LazyLock::new(|| set("orders parcels packages bestellungen pakete items"));
static PARTICULAR: LazyLock<HashSet<&str>> = LazyLock::new(|| set("both all beide your ihre deine two three"));
/// Before a state that was reached.
static HAS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "has have had hasn't haven't been was were wasn't weren't wurde wurden worden already bereits schon we've i've it's",
    )
});
/// Before one that lasts.
static IS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "is are isn't aren't ist sind currently still now wird noch status as just it's marked derzeit aktuell gerade jetzt inzwischen",
    )
});
/// "Shipped" is a verb in the past as well: "we shipped it on Monday".
static US: LazyLock<HashSet<&str>> = LazyLock::new(|| set("we i wir ich haben habe"));
/// Not that it is so, but that it will, may or would be.
static NOT_YET: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "will can may might could would must should be soon usually normally typically orders parcels packages bestellungen \
         pakete kann können werden to",
    )
});
static BEEN: LazyLock<HashSet<&str>> = LazyLock::new(|| set("been"));
static DENYING: LazyLock<HashSet<&str>> = LazyLock::new(|| set(NEGATIONS));

pub(super) fn states(words: &Words<'_>, is_data: bool) -> Vec<Found> {
    const REACH: usize = 4;
    let of_one_order = words.has(&ORDERS);
    let general = words.has(&GENERAL) && !words.has(&PARTICULAR);
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let word = |distance| words.get(at + distance);
        let (on_its_way, stated) = (WAY.longest(word), STATES.longest(word));
        let Some((status, length)) = on_its_way.or(stated) else {
            at += 1;
            continue;
        };
        let not_yet = words.has_before(at, REACH, &NOT_YET) && !words.has_before(at, REACH, &BEEN);
        let is_rule = status == Status::ReadyForPickup && words.has(&SPANS);
        // "It is cheaper with DHL."
        let (reach, is_reach) = if words.is(at, &["with", "bei", "beim"]) { (1, 1) } else { (REACH, 3) };
        let is_said = on_its_way.is_some()
            || words.has_before(at, reach, &HAS)
            || words.has_before(at, is_reach, &IS)
            || words.has_before(at, 2, &US)
            || words.is(at + length, &["worden"]);
        if is_data || of_one_order && is_said && !not_yet && !general && !is_rule {
            let negated = words.has_before(at, REACH, &DENYING);
            found.extend(words.found(Value::Status { status, negated }, at, length));
        }
        at += length;
    }
    found
}
