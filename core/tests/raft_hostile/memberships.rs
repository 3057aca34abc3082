//! Every reason for which a membership or a change of it is refused.

use quorate::NodeId;
use quorate::raft::{MemberChange, Membership, MembershipChange, MembershipError, Transition};

/// Every way in which a membership is impossible.
#[test]
fn every_impossible_membership_is_told_apart() {
    let ids = |count| (1..=count).map(NodeId);
    let twice = Membership::of_voters([NodeId(1), NodeId(1)]).unwrap_err();
    let nobody = Membership::of_voters([]).unwrap_err();
    let crowd = Membership::of_voters(ids(10)).unwrap_err();
    let group = Membership::new(ids(3), [NodeId(4)], []).unwrap();
    let change = |change| group.changed(&change).unwrap_err();
    let not_joint = change(MembershipChange::leave());
    let fixed = change(MembershipChange::one(MemberChange::AddVoter(NodeId(4))));
    let explicit = MembershipChange {
        transition: Transition::Explicit,
        changes: Vec::new(),
    };
    let joint = group.changed(&explicit).unwrap();
    let already = joint.changed(&explicit).unwrap_err();
    let place = |error: &MembershipError| match error {
        MembershipError::ListedTwice { .. } => 0,
        MembershipError::NoFullVoter => 1,
        MembershipError::TooManyVoters { .. } => 2,
        MembershipError::AlreadyJoint => 3,
        MembershipError::NotJoint => 4,
        MembershipError::WitnessIsFixed { .. } => 5,
    };
    let errors = [twice, nobody, crowd, already, not_joint, fixed];
    assert_eq!(errors.each_ref().map(place), [0, 1, 2, 3, 4, 5]);
    assert_eq!(twice.to_string(), "node n1 is listed twice");
}

/// In one joint change, a witness is added and taken out again: what comes back under its name
/// is what it was added as.
#[test]
fn a_witness_for_no_time_leaves_no_mark() {
    let group = Membership::of_voters([1, 2, 3].map(NodeId)).unwrap();
    let change = MembershipChange {
        transition: Transition::Implicit,
        changes: vec![
            MemberChange::AddWitness(NodeId(4)),
            MemberChange::Remove(NodeId(4)),
            MemberChange::AddVoter(NodeId(4)),
        ],
    };
    let joint = group.changed(&change).unwrap();
    assert_eq!(joint.witnesses(), []);
    assert_eq!(joint.incoming(), [1, 2, 3, 4].map(NodeId));
}
