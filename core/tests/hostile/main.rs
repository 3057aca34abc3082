//! Input that nobody honest sends, at every door of the kernel.
//!
//! Random bytes are refused by the first check they meet and try nothing behind it. So everything
//! here starts from an honest value and changes one or two of its fields, to what is most likely to
//! break a sum, an order or a promise: the highest number, zero, a stranger's name, an odd path. The
//! outcome must be a typed error that left everything as it was, or a state that is sound: it can be
//! written to, sent, saved, pruned and read again.
//!
//! Seeds are fixed; a failure names its own.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod doors;
mod extremes;
mod images;
mod messages;
mod mutation;
mod rows;
mod sound;
