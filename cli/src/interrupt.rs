//! Ctrl-C: long work ends where it is and says what it has found.

use std::ops::ControlFlow;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static LISTENING: Once = Once::new();

/// From now on the first Ctrl-C is noted, and the second ends the program.
pub(crate) fn listen() {
    LISTENING.call_once(|| {
        // Without it Ctrl-C ends the program at once, which loses nothing that is on the disk.
        let _ = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        });
    });
}

/// Whether somebody pressed Ctrl-C.
pub(crate) fn happened() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Whether to go on.
pub(crate) fn control() -> ControlFlow<()> {
    if happened() {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}
