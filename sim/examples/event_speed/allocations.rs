//! What a program takes from the heap: how often, and how much of it is held at a moment.
//!
//! Sizes that are computed from types forget what hides behind a pointer. Here the allocator itself
//! keeps the books; there is no way to do that without `unsafe`, which nothing else in this
//! repository needs.

#![allow(unsafe_code, reason = "an allocator has no safe interface")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, counted.
struct Counted;

#[global_allocator]
static ALLOCATOR: Counted = Counted;

static CALLS: AtomicUsize = AtomicUsize::new(0);
static HELD: AtomicUsize = AtomicUsize::new(0);

/// How often memory was asked for so far, growing included.
pub(crate) fn calls() -> usize {
    CALLS.load(Ordering::Relaxed)
}

/// How many bytes are held now.
pub(crate) fn held() -> usize {
    HELD.load(Ordering::Relaxed)
}

/// The program has one thread: a load and a store do, and cost next to nothing.
fn note(calls: usize, taken: usize, given_back: usize) {
    CALLS.store(self::calls() + calls, Ordering::Relaxed);
    let held = held().wrapping_add(taken).wrapping_sub(given_back);
    HELD.store(held, Ordering::Relaxed);
}

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size(), 0);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(0, 0, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(1, new_size, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, new_size) }
    }
}
