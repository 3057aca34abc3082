//! What the sets cost, byte by byte.

use leptos::prelude::*;
use quorate_sim::{BytesView, SetsView};

use crate::format;
use crate::state::LabState;

/// One bar per replica, all on one scale.
#[component]
pub(super) fn BytesTable() -> impl IntoView {
    let state = expect_context::<LabState>();
    let bars = state.view(|snapshot| Bar::all(&snapshot.sets));
    view! {
        <section class="sect">
            <header>
                <h2>"Bytes"</h2>
                <span class="sub">"exact, in memory"</span>
            </header>
            <div class="bytes">{move || bars.get().into_iter().map(Bar::view).collect_view()}</div>
            <div class="legend">
                <span><i class="live"></i>"live"</span>
                <span><i class="ctx"></i>"context"</span>
                <span><i class="tomb"></i>"journal"</span>
            </div>
        </section>
    }
}

/// One replica's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bar {
    node: String,
    bytes: BytesView,
    /// The largest total of all replicas: the length of the scale. Never zero.
    scale: usize,
}

impl Bar {
    fn all(sets: &SetsView) -> Vec<Self> {
        let totals = sets.replicas.iter().map(|replica| total(replica.bytes));
        let scale = totals.max().unwrap_or(0).max(1);
        let bar = |replica: &quorate_sim::ReplicaView| Self {
            node: replica.node.to_string(),
            bytes: replica.bytes,
            scale,
        };
        sets.replicas.iter().map(bar).collect()
    }

    /// A share of the scale, as a CSS width.
    fn width(&self, bytes: usize) -> String {
        let permille = bytes * 1_000 / self.scale;
        format!("{}.{}%", permille / 10, permille % 10)
    }

    fn view(self) -> impl IntoView {
        let BytesView {
            live,
            context,
            journal,
        } = self.bytes;
        let words = format!(
            "{}: {live} live, {context} context, {journal} journal",
            self.node
        );
        view! {
            <div class="brow">
                <span>{self.node.clone()}</span>
                <div class="bar" role="img" aria-label=words.clone() title=words>
                    <i class="live" style:width=self.width(live)></i>
                    <i class="ctx" style:width=self.width(context)></i>
                    <i class="tomb" style:width=self.width(journal)></i>
                </div>
                <span class="total mono">{format::bytes(total(self.bytes))}</span>
            </div>
        }
    }
}

const fn total(bytes: BytesView) -> usize {
    bytes.live + bytes.context + bytes.journal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_replica_fills_its_bar() {
        let bytes = BytesView {
            live: 96,
            context: 18,
            journal: 41,
        };
        let bar = Bar {
            node: "n1".into(),
            bytes,
            scale: total(bytes),
        };
        assert_eq!(bar.width(total(bytes)), "100.0%");
        assert_eq!(bar.width(96), "61.9%");
        assert!(Bar::all(&SetsView::default()).is_empty());
    }
}
