//! Actions in words.

use core::fmt;

use quorate::{Micros, NodeId};

use super::{Action, DiskChange, LinkChange};

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crash { node } => write!(f, "{node} crashes"),
            Self::Restart { node } => write!(f, "{node} restarts"),
            Self::RestartEmpty { node } => write!(f, "{node} restarts with empty disks"),
            Self::Pause { node } => write!(f, "{node} is paused"),
            Self::Resume { node } => write!(f, "{node} resumes"),
            Self::Isolate { node } => write!(f, "{node} is isolated"),
            Self::Partition { groups } => {
                f.write_str("partition")?;
                for (i, group) in groups.iter().enumerate() {
                    f.write_str(if i == 0 { " " } else { " | " })?;
                    list(f, group)?;
                }
                Ok(())
            }
            Self::Cut { a, b } => write!(f, "{a}–{b} is cut"),
            Self::CutOneWay { from, to } => {
                f.write_str("nothing gets from ")?;
                list(f, from)?;
                f.write_str(" to ")?;
                list(f, to)
            }
            Self::Mend { a, b } => write!(f, "{a}–{b} is mended"),
            Self::Lossy { a, b, permille } => write!(f, "{a}–{b} loses {}", Percent(*permille)),
            Self::Link(change) => write!(f, "{change}"),
            Self::Heal => f.write_str("the network heals"),
            Self::Disk(change) => write!(f, "{change}"),
            Self::MendDisk { node } => write!(f, "the disks of {node} are mended"),
            Self::LoseDisk { node } => write!(f, "{node} loses its disks"),
            Self::Drift { node, ppm } => write!(f, "the clock of {node} drifts by {ppm} ppm"),
            Self::Jump { node, by } => {
                let sign = if *by < 0 { "back " } else { "" };
                let span = Micros(by.unsigned_abs());
                write!(f, "the clock of {node} jumps {sign}by {span} s")
            }
            Self::Campaign { node } => write!(f, "{node} is told to campaign"),
            Self::Transfer { node } => write!(f, "{node} is handed the leadership"),
            Self::Put { node, key, value } => write!(f, "put k{key} = {value} through {node}"),
            Self::Get { node, key } => write!(f, "get k{key} through {node}"),
            Self::Add { node, element } => write!(f, "add {element} at {node}"),
            Self::Remove { node, element } => write!(f, "remove {element} at {node}"),
            Self::Prune { node } => write!(f, "{node} prunes"),
        }
    }
}

impl fmt::Display for LinkChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}:", self.from, self.to)?;
        let mut said = Said(false);
        said.span(f, "latency from", self.latency_min)?;
        said.span(f, "latency to", self.latency_max)?;
        said.share(f, "late", self.tail_permille)?;
        said.span(f, "late by", self.tail_mean)?;
        said.share(f, "lost", self.loss_permille)?;
        said.share(f, "doubled", self.duplicate_permille)?;
        said.share(f, "overtake", self.overtake_permille)?;
        if let Some(rate) = self.bytes_per_second {
            said.comma(f)?;
            write!(f, " {rate} B/s")?;
        }
        said.nothing(f)
    }
}

impl fmt::Display for DiskChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "disks of {}:", self.node)?;
        let mut said = Said(false);
        said.span(f, "sync from", self.sync_min)?;
        said.span(f, "sync to", self.sync_max)?;
        said.share(f, "torn", self.torn_permille)?;
        said.share(f, "lied", self.lying_permille)?;
        said.nothing(f)
    }
}

/// Whether anything was said in a list.
struct Said(bool);

impl Said {
    fn comma(&mut self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = !std::mem::replace(&mut self.0, true);
        f.write_str(if first { "" } else { "," })
    }

    fn span(
        &mut self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        span: Option<Micros>,
    ) -> fmt::Result {
        let Some(Micros(span)) = span else {
            return Ok(());
        };
        self.comma(f)?;
        write!(f, " {name} {}.{:03} ms", span / 1_000, span % 1_000)
    }

    fn share(
        &mut self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        permille: Option<u32>,
    ) -> fmt::Result {
        let Some(permille) = permille else {
            return Ok(());
        };
        self.comma(f)?;
        write!(f, " {} {name}", Percent(permille))
    }

    fn nothing(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "" } else { " as before" })
    }
}

/// Thousandths as percent.
struct Percent(u32);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} %", self.0 / 10, self.0 % 10)
    }
}

fn list(f: &mut fmt::Formatter<'_>, nodes: &[NodeId]) -> fmt::Result {
    for (at, node) in nodes.iter().enumerate() {
        write!(f, "{}{node}", if at == 0 { "" } else { " " })?;
    }
    Ok(())
}
