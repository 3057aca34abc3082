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
        let group = &self.memberships.last().expect("the first group is known").1;
        let leads = |(_, host): &(NodeId, &Host)| host.is_up && host.role == Role::Leader;
        let leaders: Vec<NodeId> = self
            .nodes()
            .filter(leads)
            .map(|(id, _)| id)
            .filter(|id| group.is_voter(*id))
            .collect();
        let broken = (leaders.len() != 1).then(|| Finding {
            words: format!("after healing the leaders are {}", list(&leaders)),
            nodes: leaders.clone(),
        });
        ledger.check(Invariant::Liveness, broken);
        let joint = group.is_joint().then(|| Finding {
            nodes: group.voters(),
            words: "after healing the membership is still joint".into(),
        });
        ledger.check(Invariant::Liveness, joint);
        if let Some(leader) = self.leader() {
            for member in group.members() {
                let is_witness = group.witnesses().contains(&member);
                self.check_caught_up(ledger, leader, member, is_witness);
            }
        }
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

    fn check_caught_up(&self, ledger: &mut Ledger, leader: NodeId, id: NodeId, is_witness: bool) {
        let wanted = self.host(leader).log.last_index();
        let Some(host) = self.known(id).filter(|host| host.is_up) else {
            let down = Finding::of(id, format!("after healing {id} does not run"));
            return ledger.check(Invariant::Liveness, Some(down));
        };
        let executed = if is_witness {
            wanted
        } else {
            host.executed_index
        };
        let reached = [host.log.last_index(), host.commit_index, executed];
        let behind = (reached != [wanted; 3]).then(|| {
            let [last, commit, executed] = reached;
            let words = format!(
                "after healing {id} ends at {last}, commits {commit} and has applied {executed}; \
                 its leader {leader} ends at {wanted}"
            );
            Finding::about([id, leader], words)
        });
        ledger.check(Invariant::Liveness, behind);
    }
}
