//! What is replicated, and the state machine that it drives.
//!
//! A driver that only counted commits would let a library get away with never touching an entry. So
//! every node reads the number of every command it applies, and folds it into a digest: equal
//! digests mean the same commands in the same order.

use std::ops::Range;

/// Bytes of a command.
pub const COMMAND_BYTES: usize = 64;

/// The command of a number: the number, and zeros.
pub fn command(number: u64) -> [u8; COMMAND_BYTES] {
    let mut command = [0; COMMAND_BYTES];
    command[..size_of::<u64>()].copy_from_slice(&number.to_le_bytes());
    command
}

/// A state machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// How many commands it has applied.
    pub applied: u64,
    /// Stands for them and their order.
    digest: u64,
}

impl Machine {
    /// What becomes of a machine that applies these commands.
    pub fn after(numbers: Range<u64>) -> Self {
        let mut machine = Self::default();
        for number in numbers {
            machine.apply(&command(number));
        }
        machine
    }

    /// Applies a command.
    #[inline]
    pub fn apply(&mut self, command: &[u8]) {
        let number = command
            .first_chunk()
            .expect("a command begins with its number");
        let folded = self.digest.rotate_left(5) ^ u64::from_le_bytes(*number);
        self.digest = folded.wrapping_mul(0x517c_c1b7_2722_0a95);
        self.applied += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{Machine, command};

    #[test]
    fn order_and_number_of_commands_show() {
        let mut swapped = Machine::default();
        for number in [1, 0, 2] {
            swapped.apply(&command(number));
        }
        assert_eq!(swapped.applied, Machine::after(0..3).applied);
        assert_ne!(swapped, Machine::after(0..3));
        assert_ne!(Machine::after(0..3), Machine::after(0..4));
    }
}
