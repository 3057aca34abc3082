//! The states of a policy, after `policy/handler.go` of `hashicorp/nomad-autoscaler` (MPL-2.0).

use quorate::Micros;
use quorate::autoscale::nomad::{
    Cooldowns, Direction, Handler, HandlerState, Offer, OnError, on_error,
};

use super::action;

const COOLDOWNS: Cooldowns = Cooldowns {
    cooldown: Micros::from_secs(300),
    cooldown_on_scale_up: Micros::from_secs(60),
};

fn at(seconds: u64) -> Micros {
    Micros::from_secs(seconds)
}

#[test]
fn an_action_waits_for_its_turn_and_is_followed_by_a_cooldown() {
    let mut handler = Handler::default();
    assert_eq!(
        handler.offer(action(Direction::Up, 5), at(0)),
        Offer::RequestSlot
    );
    assert_eq!(
        handler.offer(action(Direction::Up, 7), at(10)),
        Offer::Waiting
    );
    assert_eq!(handler.granted().unwrap().count, 7, "the newest action");
    assert_eq!(
        handler.offer(action(Direction::Up, 9), at(20)),
        Offer::Scaling
    );
    handler.succeeded(Direction::Up, COOLDOWNS, at(30));
    assert_eq!(handler.state(), HandlerState::Cooldown { until: at(90) });
    assert_eq!(handler.next_action(), None);
}

#[test]
fn a_way_down_has_the_longer_cooldown() {
    let mut handler = Handler::default();
    handler.offer(action(Direction::Down, 1), at(0));
    handler.granted();
    handler.succeeded(Direction::Down, COOLDOWNS, at(30));
    assert_eq!(handler.state(), HandlerState::Cooldown { until: at(330) });
}

#[test]
fn a_cooldown_ends_after_its_last_moment() {
    let mut handler = Handler::created(COOLDOWNS, Some(at(100)), at(110));
    let offer = |handler: &mut Handler, now| handler.offer(action(Direction::Up, 5), now);
    let remaining = at(50);
    assert_eq!(
        offer(&mut handler, at(110)),
        Offer::OnCooldown { remaining }
    );
    let remaining = Micros::ZERO;
    assert_eq!(
        offer(&mut handler, at(160)),
        Offer::OnCooldown { remaining }
    );
    assert_eq!(offer(&mut handler, Micros(160_000_001)), Offer::RequestSlot);
}

#[test]
fn an_event_from_outside_starts_the_shorter_cooldown_unless_it_is_old() {
    let state = |last, now| Handler::created(COOLDOWNS, last, now).state();
    assert_eq!(state(None, at(500)), HandlerState::Idle);
    assert_eq!(state(Some(at(440)), at(500)), HandlerState::Idle);
    assert_eq!(
        state(Some(at(441)), at(500)),
        HandlerState::Cooldown { until: at(501) }
    );
}

#[test]
fn staying_asks_for_nothing_and_ends_no_cooldown() {
    let mut handler = Handler::created(COOLDOWNS, Some(at(100)), at(110));
    assert_eq!(
        handler.offer(action(Direction::None, 3), at(900)),
        Offer::NotNeeded
    );
    assert_eq!(handler.state(), HandlerState::Cooldown { until: at(160) });
}

#[test]
fn who_fails_may_try_again_at_once() {
    let mut handler = Handler::default();
    handler.offer(action(Direction::Up, 5), at(0));
    handler.granted();
    handler.failed();
    assert_eq!(handler.state(), HandlerState::Idle);
    assert_eq!(
        handler.offer(action(Direction::Up, 5), at(1)),
        Offer::RequestSlot
    );
}

#[test]
fn a_turn_without_an_action_is_nobodys() {
    let mut handler = Handler::default();
    assert_eq!(handler.granted(), None);
    assert_eq!(handler.state(), HandlerState::Idle);
}

#[test]
fn the_check_decides_about_its_errors_before_the_policy() {
    assert_eq!(on_error(None, None), OnError::Ignore);
    assert_eq!(on_error(None, Some(OnError::Fail)), OnError::Fail);
    assert_eq!(
        on_error(Some(OnError::Ignore), Some(OnError::Fail)),
        OnError::Ignore
    );
    assert_eq!(on_error(Some(OnError::Fail), None), OnError::Fail);
}
