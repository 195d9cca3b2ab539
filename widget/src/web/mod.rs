//! The panel in the browser: carries out what the state machine decides, and draws it.

mod dom;
mod effects;
mod host;
mod net;
mod shell;
mod storage;
mod stream;
mod view;

use std::cell::OnceCell;
use std::rc::Rc;

use lol_alloc::{FreeListAllocator, LockedAllocator};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use host::Host;
use shell::Shell;

/// The standard one weighs a sixth of the panel. What is allocated here is a conversation, not a workload.
#[global_allocator]
static ALLOCATOR: LockedAllocator<FreeListAllocator> = LockedAllocator::new(FreeListAllocator::new());

thread_local! {
    /// One panel a page: the loader sees to it.
    static SHELL: OnceCell<Rc<Shell>> = const { OnceCell::new() };
}

fn with_shell(run: impl FnOnce(&Rc<Shell>)) {
    SHELL.with(|shell| {
        if let Some(shell) = shell.get() {
            run(shell);
        }
    });
}

/// Hands on what the visitor did in the view.
fn dispatch(action: view::Action) {
    with_shell(|shell| shell.act(action));
}

/// Draws the panel into `mount`, an element within the loader's shadow root. Nothing is requested or stored yet.
/// `locale` is the BCP 47 tag of the page. Throws, so that the loader tells of it, where the browser gives no random
/// bytes: without them nobody could be given a session.
#[wasm_bindgen]
pub fn start(mount: HtmlElement, host: Host, base: String, domain: String, locale: String) {
    let [_] = dom::random();
    SHELL.with(|shell| {
        shell.get_or_init(|| Shell::start(mount, host, base, domain, locale));
    });
}

/// The loader has made the panel visible. `focus`: because the visitor asked for it, so the input takes the focus.
#[wasm_bindgen]
pub fn open(focus: bool) {
    with_shell(|shell| shell.open(focus));
}

/// The loader has hidden the panel.
#[wasm_bindgen]
pub fn close() {
    with_shell(Shell::close);
}

/// Connects in the background to the conversation that this device remembers.
#[wasm_bindgen]
pub fn resume() {
    with_shell(Shell::resume);
}
