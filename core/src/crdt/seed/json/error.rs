//! Why a document was refused.

use alloc::boxed::Box;
use core::fmt;

#[cfg(feature = "hmac")]
use crate::codec::seal::SealError;
use crate::crdt::seed::TimestampError;

/// Why a document was refused. Nothing of it was taken over.
#[derive(Debug)]
pub enum SeedJsonError {
    /// The document is larger than allowed.
    TooLarge {
        /// Its bytes.
        bytes: usize,
        /// The most that are read.
        limit: usize,
    },
    /// It is not the JSON that it should be; the error knows line and column.
    Json(serde_json::Error),
    /// A field that should be base64 is not.
    Base64 {
        /// The field.
        field: &'static str,
        /// What is wrong, and at which byte of the text.
        error: base64::DecodeError,
    },
    /// A field that should be an instant is none.
    Timestamp {
        /// The field.
        field: &'static str,
        /// What is wrong, and at which byte of the text.
        error: TimestampError,
    },
    /// The document in a field was refused.
    Field {
        /// The field.
        field: &'static str,
        /// Why; its lines, columns and bytes are those of the inner document.
        error: Box<SeedJsonError>,
    },
    /// An item of a batch was refused.
    Item {
        /// Its place in the batch, from zero.
        index: usize,
        /// Why.
        error: Box<SeedJsonError>,
    },
    /// A batch's authentication code is missing or wrong, or there is no secret.
    #[cfg(feature = "hmac")]
    Seal(SealError),
}

impl From<serde_json::Error> for SeedJsonError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl fmt::Display for SeedJsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes, limit } => {
                write!(
                    f,
                    "the document has {bytes} bytes, at most {limit} are read"
                )
            }
            Self::Json(error) => error.fmt(f),
            Self::Base64 { field, error } => write!(f, "`{field}` is not base64: {error}"),
            Self::Timestamp { field, error } => write!(f, "`{field}`: {error}"),
            Self::Field { field, error } => write!(f, "within `{field}`: {error}"),
            Self::Item { index, error } => write!(f, "item {index}: {error}"),
            #[cfg(feature = "hmac")]
            Self::Seal(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for SeedJsonError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Timestamp { error, .. } => Some(error),
            Self::Field { error, .. } | Self::Item { error, .. } => Some(error.as_ref()),
            // Without `std`, that of base64 is none of the standard library's errors.
            Self::Base64 { .. } | Self::TooLarge { .. } => None,
            #[cfg(feature = "hmac")]
            Self::Seal(error) => Some(error),
        }
    }
}
