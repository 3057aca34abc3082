//! Messages that only those who know a secret can make.
//!
//! A checksum finds accidents; whoever changes bytes on purpose computes a new one. A sealed message
//! ends in an HMAC-SHA256 over all before it, which is checked, in constant time, before anything is
//! parsed. It proves who made a message and not when: an old one is as good as a new one, which does no
//! harm to state that only ever joins.

use alloc::vec::Vec;
use core::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The bytes that sealing adds.
pub const MAC_BYTES: usize = 32;

/// Why a message was not sealed or not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// The secret has no bytes.
    EmptySecret,
    /// The message is shorter than a code.
    Missing {
        /// Its bytes.
        bytes: usize,
    },
    /// The code does not fit the message: another secret, or changed on its way.
    Wrong,
}

/// The message with its code behind it.
pub fn seal(secret: &[u8], mut message: Vec<u8>) -> Result<Vec<u8>, SealError> {
    let code = code(secret, &message)?.finalize().into_bytes();
    message.extend_from_slice(&code);
    Ok(message)
}

/// The message without its code, if that fits.
pub fn open<'a>(secret: &[u8], sealed: &'a [u8]) -> Result<&'a [u8], SealError> {
    let bytes = sealed.len();
    let at = bytes
        .checked_sub(MAC_BYTES)
        .ok_or(SealError::Missing { bytes })?;
    let (message, mac) = sealed.split_at(at);
    let code = code(secret, message)?;
    code.verify_slice(mac).map_err(|_| SealError::Wrong)?;
    Ok(message)
}

fn code(secret: &[u8], message: &[u8]) -> Result<Hmac<Sha256>, SealError> {
    if secret.is_empty() {
        return Err(SealError::EmptySecret);
    }
    let mut code = Hmac::<Sha256>::new_from_slice(secret).expect("a key of HMAC has any length");
    code.update(message);
    Ok(code)
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptySecret => f.write_str("the secret has no bytes"),
            Self::Missing { bytes } => {
                write!(
                    f,
                    "{bytes} bytes are too few to end in an authentication code"
                )
            }
            Self::Wrong => f.write_str("the authentication code does not fit the message"),
        }
    }
}

impl core::error::Error for SealError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_opens_and_nothing_may_change() {
        let sealed = seal(b"secret", b"message".to_vec()).unwrap();
        assert_eq!(open(b"secret", &sealed), Ok(&b"message"[..]));
        assert_eq!(open(b"another", &sealed), Err(SealError::Wrong));
        assert_eq!(open(b"", &sealed), Err(SealError::EmptySecret));
        assert_eq!(
            open(b"secret", &sealed[..31]),
            Err(SealError::Missing { bytes: 31 })
        );
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                open(b"secret", &changed),
                Err(SealError::Wrong),
                "bit {bit}"
            );
        }
    }

    /// RFC 4231, test case 2.
    #[test]
    fn the_code_is_that_of_the_standard() {
        let sealed = seal(b"Jefe", b"what do ya want for nothing?".to_vec()).unwrap();
        assert_eq!(sealed[28..32], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(sealed[56..], [0x64, 0xec, 0x38, 0x43]);
    }
}
