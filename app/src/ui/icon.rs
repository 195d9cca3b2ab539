//! Line icons on a 24-unit grid, drawn as one path each. Always decoration: the name stands in the control's label.

use leptos::prelude::*;

macro_rules! icons {
    ($($name:ident = $path:literal),* $(,)?) => {
        /// Which icon.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum IconName {
            $($name,)*
        }

        impl IconName {
            /// Every icon, for the gallery.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            const fn path(self) -> &'static str {
                match self {
                    $(Self::$name => $path,)*
                }
            }
        }
    };
}

icons! {
    Alert = "M12 4 2.8 20h18.4zM12 10v4M12 17v.01",
    ArrowDown = "M12 5v14M6 13l6 6 6-6",
    ArrowLeft = "M19 12H5M11 6l-6 6 6 6",
    Bot = "M12 4v4M6 8h12a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM9 13v1M15 13v1M2 13v2M22 13v2",
    Chart = "M4 4v16h16M8 16v-4M12.5 16V8M17 16v-6",
    Check = "m5 12.5 4.5 4.5L19 7.5",
    ChevronDown = "m6 9 6 6 6-6",
    ChevronLeft = "m15 6-6 6 6 6",
    ChevronRight = "m9 6 6 6-6 6",
    Close = "M6 6l12 12M18 6 6 18",
    Code = "m8 7-5 5 5 5M16 7l5 5-5 5",
    Copy = "M9 9h9a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zM4 15V5a2 2 0 0 1 2-2h9",
    External = "M14 4h6v6M20 4l-9 9M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4",
    Eye = "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z",
    EyeOff = "M4 4l16 16M9.5 5.9A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-2.6 3.4M6.3 7.7C3.9 9.5 2.5 12 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4-.9",
    HandBack = "M4 10h11a5 5 0 0 1 0 10h-3M8 6l-4 4 4 4",
    Help = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.5a2.5 2.5 0 0 1 4.9.8c0 1.7-2.4 2-2.4 3.7M12 17v.01",
    Inbox = "M4 13.5 6.5 5h11l2.5 8.5V18a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zM4 13.5h4.5a3.5 3.5 0 0 0 7 0H20",
    Keyboard = "M4 6h16a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2zM6.5 10v.01M10 10v.01M13.5 10v.01M17 10v.01M8 14h8",
    Layout = "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM9.5 4v16M9.5 10H20",
    Lock = "M6.5 11h11a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 18.5v-6A1.5 1.5 0 0 1 6.5 11zM8 11V8a4 4 0 0 1 8 0v3",
    Menu = "M4 7h16M4 12h16M4 17h16",
    Monitor = "M4 4h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM9 20h6M12 16v4",
    Moon = "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
    More = "M5 12v.01M12 12v.01M19 12v.01",
    Note = "M5 4h14a1 1 0 0 1 1 1v9l-6 6H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM14 20v-5a1 1 0 0 1 1-1h5M8 9h8M8 13h3",
    Panel = "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM14.5 4v16",
    Plug = "M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4",
    Plus = "M12 5v14M5 12h14",
    Receipt = "M6 3.5h12v17l-2.4-1.6-2.4 1.6-1.2-.8-1.2.8-2.4-1.6L6 20.5zM9 8h6M9 12h6",
    Reopen = "M4 12a8 8 0 1 0 2.6-5.9L4 8.5M4 4v4.5h4.5",
    Reply = "M10 6 4 12l6 6M4 12h10a6 6 0 0 1 6 6v1",
    Search = "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.5 4.5",
    Send = "M4 12 3.5 4.5 21 12 3.5 19.5zM4 12h8",
    SignOut = "M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M16 8l4 4-4 4M20 12H10",
    Sun = "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5V4M12 20v1.5M2.5 12H4M20 12h1.5M5.3 5.3l1 1M17.7 17.7l1 1M5.3 18.7l1-1M17.7 6.3l1-1",
    ThumbDown = "M7 13.5l4 7a2.2 2.2 0 0 0 2.2-2.7L12.6 15H19a2 2 0 0 0 2-2.4l-1.4-7A2 2 0 0 0 17.6 4H7zM7 13.5H3.5V4H7",
    ThumbUp = "M7 10.5l4-7a2.2 2.2 0 0 1 2.2 2.7L12.6 9H19a2 2 0 0 1 2 2.4l-1.4 7a2 2 0 0 1-2 1.6H7zM7 10.5H3.5V20H7",
    Trash = "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 11v5M14 11v5",
    User = "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5a7.5 7.5 0 0 1 15 0",
    UserPlus = "M10 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM3 20.5a7 7 0 0 1 14 0M19 8v6M16 11h6",
    Users = "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20a6.5 6.5 0 0 1 13 0M16 5.3a3.5 3.5 0 0 1 0 6.4M18.5 14.5A6.5 6.5 0 0 1 21.5 20",
}

/// The icon at 16 px, or at the size that `class` gives.
#[component]
pub fn Icon(name: IconName, #[prop(optional)] class: &'static str) -> impl IntoView {
    let class = if class.is_empty() { "size-4 shrink-0" } else { class };
    view! {
        <svg
            class=class
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=name.path()></path>
        </svg>
    }
}
