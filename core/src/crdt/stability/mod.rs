//! What everybody is known to hold, and proof that nothing else was forgotten.
//!
//! Every replica reports the version vector that it holds *durably*; what a crash can undo
//! stabilises nothing. The meet of the reports is the frontier. Two decisions rest on them, and
//! they are not alike:
//!
//! - *Pruning.* A record within the frontier is needed by nobody. Being wrong costs a full state,
//!   never correctness; a [`PruneCertificate`] lets somebody else check that we were right.
//! - *Closing.* That everybody holds the same number of a fenced replica's events is agreed for
//!   ever. A report taken in an older epoch is void, because the reporter may have taken in more
//!   before it entered this one.

mod acks;
mod certificate;

pub use acks::{Acks, NotClosable};
pub(in crate::crdt) use certificate::is_range;
pub use certificate::{CertificateError, PruneCertificate};
