//! What a link promises, for all settings and all traffic.

use proptest::prelude::*;

use super::*;
use crate::reports::Duty;

const A: NodeId = NodeId(1);
const B: NodeId = NodeId(2);
const CLIENT: NodeId = NodeId(1_001);

fn whole() -> NetworkSpec {
    NetworkSpec::default()
}

/// Sends one message every `gap` microseconds from A to B; the flights in the order of sending.
fn traffic(network: &mut Network, messages: u64, gap: u64) -> Vec<Flight> {
    let mut slots = Vec::new();
    for at in 0..messages {
        let parcel = Parcel::Duty {
            term: at,
            duty: Duty::Drain,
        };
        let sent = network.send(Micros(at * gap), A, B, parcel);
        slots.extend(sent.into_iter().flatten().map(|(_, slot)| slot));
    }
    let taken = slots.into_iter().map(|slot| network.take(slot).unwrap());
    taken.collect()
}

/// Links of any kind that lose nothing.
fn links() -> impl Strategy<Value = NetworkSpec> {
    let latency = (0..20_000_u64, 0..20_000_u64);
    let shares = (0..=1_000_u32, 0..=1_000_u32, 0..=1_000_u32);
    (latency, shares, 0..50_000_u64).prop_map(|(latency, shares, mean)| NetworkSpec {
        latency_min: Micros(latency.0),
        latency_max: Micros(latency.0 + latency.1),
        tail_permille: shares.0,
        tail_mean: Micros(mean),
        loss_permille: 0,
        duplicate_permille: shares.1,
        overtake_permille: shares.2,
        bytes_per_second: 0,
    })
}

proptest! {
    /// Without a fault every message arrives, once, within the bounds.
    #[test]
    fn a_whole_link_loses_and_doubles_nothing(seed: u64, gap in 0..10_000_u64) {
        let mut network = Network::new(whole(), 5, seed);
        let flights = traffic(&mut network, 50, gap);
        prop_assert_eq!(flights.len(), 50);
        for flight in flights {
            let took = flight.arrives.since(flight.sent);
            prop_assert!(!flight.lost);
            prop_assert!((whole().latency_min..=whole().latency_max).contains(&took));
        }
    }

    /// Delay, doubling and reordering alone lose nothing, and nobody arrives before the shortest
    /// way is over.
    #[test]
    fn only_loss_loses(link in links(), seed: u64, gap in 0..10_000_u64) {
        let mut network = Network::new(link, 5, seed);
        for flight in traffic(&mut network, 50, gap) {
            prop_assert!(!flight.lost && flight.arrives >= flight.sent + link.latency_min);
        }
    }

    /// Where nobody may overtake, messages arrive in the order they were sent.
    #[test]
    fn a_link_that_keeps_the_order_is_first_in_first_out(link in links(), seed: u64, gap in 0..2_000_u64) {
        let link = NetworkSpec { overtake_permille: 0, ..link };
        let flights = traffic(&mut Network::new(link, 5, seed), 60, gap);
        prop_assert!(flights.windows(2).all(|pair| pair[0].arrives <= pair[1].arrives));
    }

    /// In no second does more leave a link than it carries.
    #[test]
    fn a_link_carries_no_more_than_its_bandwidth(seed: u64, rate in 64..100_000_u64, gap in 0..5_000_u64) {
        let latency = Micros(1_000);
        let link = NetworkSpec {
            latency_min: latency,
            latency_max: latency,
            bytes_per_second: rate,
            ..whole()
        };
        let flights = traffic(&mut Network::new(link, 5, seed), 60, gap);
        let bytes = Parcel::Duty {
            term: 0,
            duty: Duty::Drain,
        }.bytes();
        let takes = Micros((bytes * 1_000_000).div_ceil(rate));
        let delivered = flights.iter().filter(|flight| !flight.lost);
        let mut free = Micros::ZERO;
        for flight in delivered {
            // It waits for those before it, and not longer.
            free = free.max(flight.sent) + takes;
            prop_assert_eq!(flight.arrives, free + latency);
        }
        for flight in flights.iter().filter(|flight| flight.lost) {
            prop_assert!(free.since(flight.sent) > traffic::LONGEST_QUEUE);
        }
    }

    /// Settings and cuts of one direction touch no other, and mending leaves nothing behind.
    #[test]
    fn one_direction_is_one_direction(seed: u64, a in 1..=5_u64, b in 1..=5_u64) {
        prop_assume!(a != b);
        let (a, b) = (NodeId(a), NodeId(b));
        let mut network = Network::new(whole(), 5, seed);
        network.cut(a, b);
        let lossy = LinkChange { loss_permille: Some(1_000), ..LinkChange::between(a, b) };
        network.change(a, b, &lossy);
        for from in (1..=5).map(NodeId).chain([CLIENT]) {
            for to in (1..=5).map(NodeId).chain([CLIENT]).filter(|&to| to != from) {
                let is_it = (from, to) == (a, b);
                prop_assert_eq!(network.is_cut(from, to), is_it);
                prop_assert_eq!(network.link(from, to).loss_permille, if is_it { 1_000 } else { 0 });
            }
        }
        network.mend(b, a);
        prop_assert!(network.broken_links().is_empty());
    }

    /// A copy goes on exactly as the original does.
    #[test]
    fn a_copy_has_the_same_future(link in links(), seed: u64) {
        let mut network = Network::new(link, 5, seed);
        traffic(&mut network, 20, 100);
        let mut copy = network.clone();
        let (one, other) = (traffic(&mut network, 20, 100), traffic(&mut copy, 20, 100));
        let arrivals = |flights: &[Flight]| flights.iter().map(|f| (f.arrives, f.lost)).collect::<Vec<_>>();
        prop_assert_eq!(arrivals(&one), arrivals(&other));
    }
}

#[test]
fn what_happens_in_every_thousandth_case_does() {
    let count = |permille| {
        let mut random = Random::new(3);
        let drawn = (0..100_000).filter(|_| Fate(random.next_u64()).happens(16, permille));
        drawn.count()
    };
    assert_eq!((count(0), count(1_000)), (0, 100_000));
    assert!((9_500..10_500).contains(&count(100)), "{}", count(100));
}

/// More loss loses more of the same messages, and delays none of the others.
#[test]
fn a_little_more_loss_is_the_same_run() {
    let flights = |loss_permille| {
        let link = NetworkSpec {
            loss_permille,
            ..whole()
        };
        traffic(&mut Network::new(link, 5, 9), 500, 50)
    };
    let (some, more) = (flights(100), flights(200));
    for (some, more) in some.iter().zip(&more) {
        assert_eq!(some.arrives, more.arrives);
        assert!(more.lost || !some.lost);
    }
    let lost = |flights: &[Flight]| flights.iter().filter(|flight| flight.lost).count();
    assert!(lost(&some) > 20 && lost(&more) > lost(&some) + 20);
}

#[test]
fn a_partition_catches_nodes_and_no_clients() {
    let mut network = Network::new(whole(), 5, 1);
    network.partition(&[vec![A], vec![B, NodeId(3), NodeId(4), NodeId(5)]]);
    assert!(network.is_cut(A, B) && network.is_cut(B, A) && !network.is_cut(B, NodeId(3)));
    assert!(!network.is_cut(CLIENT, A) && !network.is_cut(B, CLIENT));
    network.cut(CLIENT, A);
    assert!(network.is_cut(CLIENT, A) && !network.is_cut(A, CLIENT));
    let states: Vec<LinkState> = network
        .broken_links()
        .iter()
        .map(|link| link.state)
        .collect();
    assert_eq!(states[..4], [LinkState::Cut; 4]);
    assert_eq!(states[4..], [LinkState::CutBack]);
    network.heal();
    assert!(network.broken_links().is_empty());
}

/// The steady state allocates nothing: slots are used again.
#[test]
fn slots_are_used_again() {
    let mut network = Network::new(whole(), 5, 1);
    for _ in 0..100 {
        traffic(&mut network, 10, 10);
    }
    assert_eq!((network.slots.len(), network.free.len()), (10, 10));
    assert_eq!(network.oldest(), None);
}
