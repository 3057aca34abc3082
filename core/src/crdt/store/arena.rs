//! Byte strings of the live dots, packed.
//!
//! A box per key costs an allocation, its header and its rounding, which together outweigh a short
//! key. Here the strings lie one behind the other in chunks; a chunk whose last string is freed is
//! given back, and [`wasteful`](Arena::wasteful) says when a rewrite of everything is due.

use alloc::vec::Vec;

/// Where a byte string starts. Aligned to two bytes in place of four, it takes six in place of eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(Rust, packed(2))]
pub(super) struct Address {
    chunk: u32,
    /// Two bytes are enough, because a chunk that holds more than one string is not larger.
    offset: u16,
}

/// The chunks.
#[derive(Clone, Debug, Default)]
pub(super) struct Arena {
    chunks: Vec<Chunk>,
    /// Bytes of the strings that are in use.
    used: usize,
    /// Bytes of all chunks.
    held: usize,
}

#[derive(Debug, Default)]
struct Chunk {
    bytes: Vec<u8>,
    /// Bytes of it that are in use.
    used: usize,
}

/// No chunk is larger, unless one string needs it.
const LARGEST_CHUNK: usize = 64 * 1024;
/// The first chunk: a small set stays small.
const SMALLEST_CHUNK: usize = 256;

impl Arena {
    /// Takes a string in pieces.
    pub(super) fn store(&mut self, pieces: &[&[u8]]) -> Address {
        let len = pieces.iter().map(|piece| piece.len()).sum();
        let chunk = self.open_chunk(len);
        let open = &mut self.chunks[chunk];
        let offset = open.bytes.len();
        for piece in pieces {
            open.bytes.extend_from_slice(piece);
        }
        open.used += len;
        self.used += len;
        Address {
            chunk: u32::try_from(chunk).expect("fewer chunks than 2^32"),
            offset: u16::try_from(offset).expect("only the first string of a chunk can be longer"),
        }
    }

    /// The bytes from an address to the end of its chunk: strings say themselves where they end.
    pub(super) fn from(&self, address: Address) -> &[u8] {
        &self.chunks[address.chunk as usize].bytes[address.offset as usize..]
    }

    /// The same bytes, to be written over in place.
    pub(super) fn bytes_mut(&mut self, address: Address) -> &mut [u8] {
        &mut self.chunks[address.chunk as usize].bytes[address.offset as usize..]
    }

    /// Gives a string of `len` bytes back.
    pub(super) fn free(&mut self, address: Address, len: usize) {
        let last = self.chunks.len() - 1;
        let chunk = &mut self.chunks[address.chunk as usize];
        chunk.used -= len;
        self.used -= len;
        if chunk.used == 0 && address.chunk as usize != last {
            self.held -= chunk.bytes.capacity();
            chunk.bytes = Vec::new();
        }
    }

    /// Whether most of what is held is not in use: everything should be stored anew.
    pub(super) fn wasteful(&self) -> bool {
        self.held > 2 * self.used + 2 * LARGEST_CHUNK
    }

    /// The last chunk if `len` bytes fit into it, a new one otherwise.
    fn open_chunk(&mut self, len: usize) -> usize {
        let fits = |chunk: &Chunk| chunk.bytes.capacity() - chunk.bytes.len() >= len;
        if !self.chunks.last().is_some_and(fits) {
            let capacity = self.held.clamp(SMALLEST_CHUNK, LARGEST_CHUNK).max(len);
            let bytes = Vec::with_capacity(capacity);
            self.held += bytes.capacity();
            self.chunks.push(Chunk { bytes, used: 0 });
        }
        self.chunks.len() - 1
    }
}

impl Clone for Chunk {
    /// Keeps the room behind the strings, so that `held` is right for the copy, too.
    fn clone(&self) -> Self {
        let mut bytes = Vec::with_capacity(self.bytes.capacity());
        bytes.extend_from_slice(&self.bytes);
        Self {
            bytes,
            used: self.used,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_and_freed_chunks_are_given_back() {
        let mut arena = Arena::default();
        let long = [7_u8; 1_000];
        let names: Vec<[u8; 4]> = (0..600_u32).map(u32::to_be_bytes).collect();
        let addresses: Vec<Address> = names
            .iter()
            .map(|name| arena.store(&[name, &long]))
            .collect();
        for (name, &address) in names.iter().zip(&addresses) {
            assert_eq!(arena.from(address)[..4], *name);
            assert_eq!(arena.from(address)[4..1_004], long);
        }
        let held = arena.held;
        for &address in &addresses[..500] {
            arena.free(address, 1_004);
        }
        assert!(arena.held < held / 2, "{} of {held}", arena.held);
        assert_eq!(arena.from(addresses[599])[..4], names[599]);
    }
}
