//! Growth: bytes and time of our own set from a thousand elements to ten million.
//!
//! A figure at one size hides what doubles with it. Here every power of ten is measured alike, so
//! that a curve which is not flat shows itself.

use std::time::Duration;

use serde::Serialize;

use crate::elements::additions;
use crate::sample::{Effort, Samples, timed};
use crate::subject::{Name, Quorate, Subject};

use super::{add, memory, progress};

/// What one size costs.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// How many elements.
    pub elements: usize,
    /// Bytes of all of them.
    pub element_bytes: u64,
    /// Bytes of the encoded state.
    pub state_bytes: usize,
    /// Bytes requested from the allocator.
    pub memory_bytes: u64,
    /// Bytes resident.
    pub resident_bytes: u64,
    /// Adding all, one by one.
    pub build_nanoseconds: f64,
    /// Encoding the full state.
    pub encode_nanoseconds: f64,
    /// Decoding it and joining it into an empty set.
    pub decode_nanoseconds: f64,
    /// One more add and its message.
    pub send_nanoseconds: f64,
    /// Decoding and applying that message.
    pub receive_nanoseconds: f64,
    /// Bytes of that message beyond the element.
    pub message_bytes: f64,
}

/// Measures every power of ten from 10^3 to 10^`up_to`.
pub fn run(effort: Effort, up_to: u32) -> Result<Vec<Point>, String> {
    let sizes: Vec<usize> = (3..=up_to.max(3))
        .map(|power| 10_usize.pow(power))
        .collect();
    let bar = progress("growth", sizes.len());
    let mut points = Vec::new();
    for size in sizes {
        bar.set_message(format!("{size} elements"));
        points.push(point(effort, size)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(points)
}

fn point(effort: Effort, elements: usize) -> Result<Point, String> {
    let held = memory::ask(Name::Quorate, elements)?;
    let [build, encode, decode] = whole(effort, elements);
    let one = Effort {
        patience: Duration::from_secs(2),
        ..effort.of_small_work()
    };
    let costs = add::measure::<Quorate>(elements, one);
    Ok(Point {
        elements,
        element_bytes: held.element_bytes,
        state_bytes: state_bytes(elements),
        memory_bytes: held.requested,
        resident_bytes: held.resident,
        build_nanoseconds: build.median(),
        encode_nanoseconds: encode.median(),
        decode_nanoseconds: decode.median(),
        send_nanoseconds: costs.send.median(),
        receive_nanoseconds: costs.receive.median(),
        message_bytes: costs.overhead.median(),
    })
}

/// Building, encoding and decoding the whole set.
fn whole(effort: Effort, elements: usize) -> [Samples; 3] {
    let [mut build, mut encode, mut decode] = <[Samples; 3]>::default();
    effort.repeat(|| {
        let mut sender = Quorate::new(1);
        let mut parts = Samples::default();
        additions(0..elements, |batch| {
            timed(&mut parts, || sender.operate(batch));
        });
        build.push(parts.sum());
        let message = timed(&mut encode, || sender.full_message());
        drop(sender);
        let mut receiver = Quorate::new(2);
        timed(&mut decode, || receiver.receive_full(&message));
    });
    [build, encode, decode]
}

fn state_bytes(elements: usize) -> usize {
    let mut replica = Quorate::new(1);
    additions(0..elements, |batch| replica.operate(batch));
    replica.state_sizes()[0].1
}
