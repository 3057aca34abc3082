//! The types that a program uses.
//!
//! A type is a way to read and write events under a path; what it *means* is written once, as
//! functions over a [`Store`](super::Store) and a [`Path`](super::Path). A type that stands alone is
//! such a path at the root of a store of its own; a field of a map is one further down. Had each of
//! the two its own merge, as libraries of such types usually have, there would be two to get right,
//! and two contexts where they meet.
//!
//! | type | an update | what shows |
//! |---|---|---|
//! | [`OrSet`] | an add replaces the adds seen of its element | elements with an add that no removal saw |
//! | [`GCounter`], [`PnCounter`] | replaces the own row | the sum of all rows |
//! | a map's counter | adds an amount, replaces nothing | the sum of the amounts that no removal saw |
//! | [`LwwRegister`] | replaces the writes seen | of those left, the last by stamp |
//! | [`MvRegister`] | replaces the writes seen | those left |
//! | [`EwFlag`] | replaces the enablings seen | whether one is left |
//! | [`OrMap`] | that of the field | keys with something live under them |
//!
//! Which events fit which type is in [`layout`].

pub(super) mod counter;
pub(super) mod ew_flag;
pub(super) mod g_counter;
pub(super) mod hybrid_clock;
pub(super) mod lww_register;
pub(super) mod mv_register;
pub(super) mod or_map;
pub(super) mod or_set;
pub(super) mod pn_counter;

mod element;
mod layout;
mod row;

pub use element::{AsElement, Element};
pub use ew_flag::EwFlag;
pub use g_counter::{CounterError, GCounter};
pub use hybrid_clock::{ClockExhausted, HybridClock, Stamp};
pub use layout::{ForeignEvent, Layout, LoadError};
pub use lww_register::{LwwRegister, Winner, WriteError, newest_stamp};
pub use mv_register::{MvRegister, Sibling};
pub use or_map::{Kind, MapMut, MapRef, OrMap};
pub use or_set::{OrSet, SetMut, SetRef};
pub use pn_counter::PnCounter;
