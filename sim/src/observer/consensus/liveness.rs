//! What must become of a cluster whose faults are over.

use quorate::raft::Role;
use quorate::{Micros, NodeId};

use super::commits::list;
use super::{Consensus, Finding, Host, Ledger};
use crate::observer::Invariant;

impl Consensus {
    /// All faults are healed and there was time enough: one member leads, the membership is not
    /// joint, and every member runs and has the same log, all of it committed and applied. O(n).
    pub fn check_settled(&self, ledger: &mut Ledger) {
        ledger.check(Invariant::Liveness, self.unrest());
    }

    /// Whether that is so at the moment. O(n).
    pub fn is_settled(&self) -> bool {
        self.unrest().is_none()
    }

    /// Up to where a node has committed what the group has, and not lost it since. O(1) unless it has.
    pub fn kept_by(&self, id: NodeId) -> u64 {
        let host = self.host(id);
        let mut upto = host.commit_index.min(self.committed.last_index());
        while !host.log.agrees(upto, &self.committed) {
            upto -= 1;
        }
        upto
    }

    /// What keeps the group from being at rest.
    fn unrest(&self) -> Option<Finding> {
        let group = &self.memberships.last().expect("the first group is known").1;
        let leads = |(_, host): &(NodeId, &Host)| host.is_up && host.role == Role::Leader;
        let leaders: Vec<NodeId> = self
            .nodes()
            .filter(leads)
            .map(|(id, _)| id)
            .filter(|id| group.is_voter(*id))
            .collect();
        let &[leader] = leaders.as_slice() else {
            return Some(Finding {
                words: format!("after healing the leaders are {}", list(&leaders)),
                nodes: leaders,
            });
        };
        if group.is_joint() {
            return Some(Finding {
                nodes: group.voters(),
                words: "after healing the membership is still joint".into(),
            });
        }
        // The one that is furthest behind says most.
        let mut members = group.members();
        members.sort_by_key(|id| self.known(*id).map_or(0, |host| host.executed_index));
        members.into_iter().find_map(|member| {
            let is_witness = group.witnesses().contains(&member);
            self.lag(leader, member, is_witness)
        })
    }

    /// A leader is asked to hand over to a node. It must, if the cluster has been as it is for long,
    /// so that nobody can be far behind, and stays so.
    pub fn asked_to_lead(&mut self, now: Micros, to: NodeId) {
        let settled = self.churn.patience().is_some_and(|patience| {
            now.since(self.led.unchanged_since()) > patience && self.group().is_voter(to)
        });
        self.transfer = settled.then_some((now, to));
    }

    /// A transfer that was asked for long ago, in a cluster that nothing has disturbed since, has
    /// happened.
    pub(super) fn check_transfer(&mut self, ledger: &mut Ledger) {
        let (Some((asked, to)), Some(patience)) = (self.transfer, self.churn.patience()) else {
            return;
        };
        if self.led.unchanged_since() > asked {
            self.transfer = None;
        } else if ledger.now().since(asked) > patience {
            self.transfer = None;
            self.check_transferred(ledger, to);
        }
    }

    /// Somebody was asked to lead, nothing was in the way, and there was time enough.
    pub fn check_transferred(&self, ledger: &mut Ledger, to: NodeId) {
        let leader = self.leader();
        let broken = (leader != Some(to)).then(|| {
            let now = leader.map_or_else(|| "nobody".into(), |leader| leader.to_string());
            Finding::of(
                to,
                format!("leadership was transferred to {to}, and {now} leads"),
            )
        });
        ledger.check(Invariant::Liveness, broken);
    }

    /// What a member lacks of its leader's log, or has not done with it.
    fn lag(&self, leader: NodeId, id: NodeId, is_witness: bool) -> Option<Finding> {
        let wanted = self.host(leader).log.last_index();
        let Some(host) = self.known(id).filter(|host| host.is_up) else {
            return Some(Finding::of(id, format!("after healing {id} does not run")));
        };
        let executed = if is_witness {
            wanted
        } else {
            host.executed_index
        };
        let reached = [host.log.last_index(), host.commit_index, executed];
        (reached != [wanted; 3]).then(|| {
            let [last, commit, executed] = reached;
            let words = format!(
                "after healing {id} ends at {last}, commits {commit} and has applied {executed}; \
                 its leader {leader} ends at {wanted}"
            );
            Finding::about([id, leader], words)
        })
    }
}
