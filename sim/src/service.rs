//! What a node of the simulated service does with the work it gets.
//!
//! Work arrives in thousandths of a request, is served up to the capacity, and waits otherwise.
//! CPU is what was served over what could be; it stops at 100 % while the queue goes on growing,
//! which is why an autoscaler must not look at CPU alone.

/// The state of one node's service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    queue_milli: u64,
    cpu_permille: u32,
}

/// Memory of an idle node, in thousandths.
const IDLE_MEMORY: u64 = 300;
/// What a backlog of ten seconds adds to it.
const BACKLOG_MEMORY: u64 = 600;

impl Service {
    /// An idle node.
    pub(crate) const IDLE: Self = Self {
        queue_milli: 0,
        cpu_permille: 0,
    };

    /// Works for one interval, in which `arrivals_milli` come in and `capacity_milli` can go out.
    pub(crate) fn serve(&mut self, arrivals_milli: u64, capacity_milli: u64) {
        let waiting = self.queue_milli.saturating_add(arrivals_milli);
        let served = waiting.min(capacity_milli);
        self.queue_milli = waiting - served;
        let permille = served.saturating_mul(1_000) / capacity_milli.max(1);
        self.cpu_permille = u32::try_from(permille).expect("no more is served than can be");
    }

    /// CPU in thousandths.
    pub(crate) fn cpu_permille(&self) -> u32 {
        self.cpu_permille
    }

    /// Whole requests that wait.
    pub(crate) fn queue(&self) -> u64 {
        self.queue_milli / 1_000
    }

    /// Memory in thousandths, for a node with the given capacity per second.
    pub(crate) fn memory_permille(&self, capacity_per_second: u32) -> u32 {
        let ten_seconds = u64::from(capacity_per_second.max(1)) * 10;
        let backlog = self.queue().saturating_mul(BACKLOG_MEMORY) / ten_seconds;
        u32::try_from(IDLE_MEMORY + backlog.min(BACKLOG_MEMORY)).expect("at most 900")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_saturates_while_the_queue_tells_the_demand() {
        let mut service = Service::IDLE;
        service.serve(50_000, 100_000);
        assert_eq!((service.cpu_permille(), service.queue()), (500, 0));
        service.serve(250_000, 100_000);
        assert_eq!((service.cpu_permille(), service.queue()), (1_000, 150));
        assert_eq!(service.memory_permille(100), 390);
        service.serve(0, 100_000);
        service.serve(0, 100_000);
        assert_eq!((service.cpu_permille(), service.queue()), (500, 0));
    }
}
