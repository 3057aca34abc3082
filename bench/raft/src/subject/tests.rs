//! All subjects do the same work: without that, no figure means anything.

use clap::ValueEnum;

use super::Name;
use crate::command::{Machine, command};

/// The same commands at the same places, on every node of every subject, whatever the batch.
#[test]
fn everybody_commits_the_same_commands_in_the_same_order() {
    let commands = 3_000;
    let expected: Vec<Vec<u8>> = (0..commands)
        .map(|number| command(number).to_vec())
        .collect();
    for &name in Name::value_variants() {
        for nodes in [1, 3, 5] {
            for batch in [1, 16, 1_000] {
                let mut group = name.elected(nodes);
                for start in (0..commands).step_by(batch) {
                    let end = commands.min(start + batch as u64);
                    group.replicate(start..end);
                    // Nobody is behind when the next batch is proposed.
                    let machines = group.machines();
                    assert!(machines.iter().all(|machine| machine.applied == end));
                }
                let what = format!("{name:?}, {nodes} nodes, batch {batch}");
                assert_eq!(group.machines().len() as u64, nodes, "{what}");
                for machine in group.machines() {
                    assert_eq!(machine, Machine::after(0..commands), "{what}");
                }
                for log in group.logs() {
                    assert!(log == expected, "{what}: another log");
                }
            }
        }
    }
}

#[test]
fn heartbeats_change_nothing_and_end_no_leadership() {
    for name in Name::ALL {
        let mut group = name.elected(5);
        for number in 0..100 {
            group.heartbeat();
            group.replicate(number..number + 1);
        }
        let expected = Machine::after(0..100);
        assert!(group.machines().iter().all(|&machine| machine == expected));
    }
}
