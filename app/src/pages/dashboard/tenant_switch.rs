//! Which tenant one works in. A change loads everything anew.

use leptos::prelude::*;
use omniops_types::{Me, Membership};

use crate::i18n::use_messages;
use crate::ui::{Icon, IconName, Menu, MenuAction, MenuHeading};

#[component]
pub fn TenantSwitch(me: Me) -> impl IntoView {
    let messages = use_messages();
    let current = me.current.clone();
    if me.memberships.len() < 2 {
        return view! {
            <span class="min-w-0 truncate px-2 font-medium" title=messages.shell.workspace>
                {current.name}
            </span>
        }
        .into_any();
    }
    let name = current.name.clone();
    let memberships = StoredValue::new(me.memberships);
    let current_id = current.tenant_id;
    view! {
        <Menu
            id="tenant-menu"
            label=format!("{}: {name}", messages.shell.switch_workspace)
            class="btn btn-ghost btn-sm max-w-full min-w-0 shrink justify-start font-medium"
            trigger=move || {
                view! {
                    <span class="max-w-64 min-w-0 truncate">{current.name.clone()}</span>
                    <Icon name=IconName::ChevronDown />
                }
            }
        >
            <MenuHeading text=messages.shell.switch_workspace />
            {memberships
                .get_value()
                .into_iter()
                .map(|membership| {
                    let checked = membership.tenant_id == current_id;
                    view! { <TenantItem membership=membership checked=checked /> }
                })
                .collect_view()}
        </Menu>
    }
    .into_any()
}

/// A form of its own, so that the answer is a whole new page.
#[component]
fn TenantItem(membership: Membership, checked: bool) -> impl IntoView {
    let role = (use_messages().role)(membership.role);
    view! {
        <form method="post" action="/rpc/auth/switch_tenant" role="presentation">
            <input type="hidden" name="tenant_id" value=membership.tenant_id.to_string() />
            <MenuAction label=membership.name hint=role checked=Signal::from(checked) submit=true />
        </form>
    }
}
