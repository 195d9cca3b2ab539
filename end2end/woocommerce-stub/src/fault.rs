use std::time::Duration;

/// A way to go wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Answers rightly, after a while.
    Slow(Duration),
    /// Never answers.
    Hang,
    /// A status with WordPress's error object.
    Status(u16),
    /// A status with a page for people, as servers and firewalls in front of WordPress send.
    Page(u16),
    /// 429; without a time, without `Retry-After`.
    TooManyRequests(Option<u32>),
    /// The 400 with which WooCommerce's own limit answers.
    RateLimited(u32),
    /// 302 to another address.
    Redirect(String),
    /// Half of the right answer, then the connection ends.
    Cut,
    /// A list of this many bytes at least, without its length said first.
    Huge(usize),
    /// PHP's warnings before the right answer.
    Warnings,
    /// JSON of another shape.
    OtherShape,
}
