// The data of simulations: plain objects, which can be cloned into a worker.
//
// What is also a file format keeps the names it has there.

import type { Micros, Version } from "./types.js";

export type { Micros, Version };

/** A run, written down. The same object is a file of the page and of the command line. */
export interface Scenario {
  version: 2;
  name: string;
  /** The seed of everything that is random. */
  seed: number;
  /** How long it runs. */
  until: Micros;
  /** How many nodes vote: 3 to 9. They are never scaled away. */
  voters: number;
  raft?: {
    election_timeout?: Micros;
    heartbeat_interval?: Micros;
    max_entries_per_append?: number;
    max_inflight_appends?: number;
    max_voters?: number;
    max_learners?: number;
    snapshot_after?: number;
    keep_entries?: number;
    reads?: "quorum" | "lease";
  };
  network?: LinkSettings;
  disk?: DiskSettings;
  /** The largest drift that clocks begin with, and the one that leases are prepared for. */
  clocks?: { max_drift_ppm?: number; bound_ppm?: number };
  /** Faults that come by themselves; an interval of zero is never. */
  faults?: {
    until?: Micros;
    crash_interval?: Micros;
    crash_time?: Micros;
    pause_interval?: Micros;
    pause_time?: Micros;
    partition_interval?: Micros;
    partition_time?: Micros;
    drift_interval?: Micros;
    jump_interval?: Micros;
    jump_max?: Micros;
  };
  sets?: {
    sync_interval?: Micros;
    fanout?: number;
    batch_events?: number;
    fence_after?: Micros;
    prune?: {
      interval?: Micros;
      stability_threshold?: Micros;
      retention?: Micros;
      max_tombstones?: number;
    };
  };
  workload?: {
    clients?: number;
    client_operations_per_second_milli?: number;
    keys?: number;
    reads_permille?: number;
    swaps_permille?: number;
    request_timeout?: Micros;
    set_operations_per_second_milli?: number;
    elements?: number;
    registers_permille?: number;
    /** When users fall silent; zero for never. */
    until?: Micros;
  };
  service?: { capacity_per_node?: number; startup?: Micros; report_interval?: Micros };
  load: Load;
  autoscale: Policy;
  /** Faults and operations, in order of time. */
  actions?: ({ at: Micros } & Action)[];
}

/** What a link is like, in each direction. */
export interface LinkSettings {
  latency_min?: Micros;
  latency_max?: Micros;
  /** How many messages are late, and how much on average. */
  tail_permille?: number;
  tail_mean?: Micros;
  loss_permille?: number;
  duplicate_permille?: number;
  /** How many messages may overtake others; 0 is first in, first out. */
  overtake_permille?: number;
  /** Zero for no limit. */
  bytes_per_second?: number;
}

/** What the disks of a node are like. */
export interface DiskSettings {
  sync_min?: Micros;
  sync_max?: Micros;
  /** How many crashes leave a part of what was being written. */
  torn_permille?: number;
  /** How many syncs are reported and not done. */
  lying_permille?: number;
}

/** How much work arrives, in requests per second and seconds. */
export type Load =
  | { kind: "constant"; requests_per_second: number }
  | { kind: "diurnal"; low: number; high: number; period_s: number }
  | {
      kind: "flash_crowd";
      base: number;
      peak: number;
      at_s: number;
      rise_s: number;
      hold_s: number;
      fall_s: number;
    }
  | {
      kind: "trace";
      name: string;
      rows: number;
      hash: string;
      from?: string;
      speed?: number;
    };

/** How the fleet is scaled: what is wanted, and what is allowed. All fields are in `docs/formats.md`. */
export interface Policy {
  strategy: ThresholdStrategy | OtherStrategy;
  guards?: Guards;
  evaluation_interval_micros?: Micros;
}

/** Two thresholds per resource. CPU and memory are thousandths of one node. */
export interface ThresholdStrategy {
  kind: "threshold";
  cpu_up?: number;
  cpu_down?: number;
  memory_up?: number;
  memory_down?: number;
  queue_up?: number;
  queue_down?: number;
  cooldown_micros?: Micros;
}

export interface OtherStrategy {
  kind: "quorate" | "hpa" | "kpa" | "nomad" | "wpa" | "step_scaling";
  [setting: string]: unknown;
}

export interface Guards {
  bounds?: { min_nodes?: number; max_nodes?: number };
  [guard: string]: unknown;
}

/** One thing done to the cluster: a fault, or an operation of its users. */
export type Action =
  | { do: "crash" | "restart" | "restart_empty" | "pause" | "resume"; node: number }
  | { do: "mend_disk" | "lose_disk"; node: number }
  | { do: "isolate" | "campaign" | "transfer" | "prune"; node: number }
  | { do: "partition"; groups: number[][] }
  | { do: "cut" | "mend"; a: number; b: number }
  | { do: "cut_one_way"; from: number[]; to: number[] }
  | { do: "lossy"; a: number; b: number; permille: number }
  | ({ do: "link"; from: number; to: number } & LinkSettings)
  | ({ do: "disk"; node: number } & DiskSettings)
  | { do: "drift"; node: number; ppm: number }
  | { do: "jump"; node: number; by: number }
  | { do: "heal" }
  | { do: "put"; node: number; key: number; value: number }
  | { do: "get"; node: number; key: number }
  | { do: "add" | "remove"; node: number; element: string };

/** A recorded load: a CSV file with a column of times and one of numbers. */
export interface TraceFile {
  name: string;
  bytes: Uint8Array;
  /** Where to begin: `1998-07-07` or `1998-07-07 18:30:00`. Its first row if left out. */
  from?: string;
  /** How many seconds of it pass in one simulated second. One if left out. */
  speed?: number;
}

/** A scenario to start from. */
export interface Preset {
  /** Its name for `new Simulation` and on the command line. */
  slug: string;
  title: string;
  about: string;
  scenario: Scenario;
}

/** How far a run came. */
export interface Progress {
  /**
   * `reached` the time that was asked for, `paused` because `maxEvents` are used up, `violated` an
   * invariant just now, or `finished` the scenario.
   */
  status: "reached" | "paused" | "violated" | "finished";
  now: Micros;
  events: number;
}

/** What a snapshot should contain. */
export interface Focus {
  /** The log index to describe in `log.selected`. */
  selectedIndex?: number;
  /** How many indices of the log to show. 19 if left out. */
  logColumns?: number;
}

/** The whole picture at one moment. */
export interface Snapshot {
  now: Micros;
  events: number;
  digest: string;
  /** One sentence: what happened last that a person would care about. */
  status: string;
  /** The node that leads the highest term and has not crashed. */
  leader: number | null;
  /** Every node that exists now: the voters first, then the workers. */
  nodes: NodeView[];
  /** Messages under way. */
  flights: FlightView[];
  /** Links that are not whole: cut (both ways, only from `a` to `b`, only back), lossy, or changed. */
  links: LinkView[];
  /** The sides of a partition of the running voters; fewer than two when whole. */
  sides: number[][];
  log: LogView;
  sets: SetsView;
  scaling: ScalingView;
  invariants: InvariantView[];
}

export type Role = "follower" | "pre_candidate" | "candidate" | "leader";

export interface NodeView {
  id: number;
  process:
    | { kind: "running" | "draining" | "paused" | "crashed" }
    | { kind: "starting"; until: Micros };
  /** Its part in the consensus; `null` for a worker. */
  raft: RaftView | null;
  cpu_permille: number;
  memory_permille: number;
  /** Requests that wait. */
  queue: number;
  /** Live elements in its set. */
  live: number;
  /** Removals it still remembers. */
  tombstones: number;
}

export interface RaftView {
  role: Role;
  term: number;
  commit_index: number;
  last_index: number;
  /** Highest index on its disk. */
  stable_index: number;
  /** Share of the election timer that is left, in thousandths. */
  timer_permille: number | null;
  /** Votes or pre-votes granted so far, while it campaigns. */
  votes: number | null;
  /** The last few entries, oldest first. */
  tail: CellView[];
}

/** One entry on one node. */
export interface CellView {
  index: number;
  term: number;
  kind: "no_op" | "command" | "membership";
  safety: "volatile" | "durable" | "committed";
  /** It contradicts an entry that is committed elsewhere, and will be overwritten. */
  conflicting: boolean;
}

/** A message under way. */
export interface FlightView {
  id: number;
  from: number;
  to: number;
  sent: Micros;
  arrives: Micros;
  kind:
    | { kind: "append"; entries: number }
    | {
        kind:
          | "heartbeat"
          | "reply"
          | "vote"
          | "pre_vote"
          | "proposal"
          | "set_delta"
          | "set_ack"
          | "control";
      };
  term: number;
  lost: boolean;
  label: string;
}

/** A link that is not whole. */
export interface LinkView {
  a: number;
  b: number;
  state: { kind: "cut" | "cut_forth" | "cut_back" | "changed" } | { kind: "lossy"; permille: number };
}

/** The log grid: rows are members, columns indices. */
export interface LogView {
  from: number;
  to: number;
  rows: {
    node: number;
    role: Role | null;
    term: number;
    commit_index: number;
    match_index: number | null;
    cells: CellView[];
  }[];
  /** How far the leader has brought its peers. */
  progress: {
    peer: number;
    state: "probe" | "replicate" | "snapshot";
    match_index: number;
    next_index: number;
    in_flight: number;
    last_heard: Micros;
    lag: number;
  }[];
  voters: number[];
  learners: number[];
  /** The index that `Focus` selects. */
  selected: {
    index: number;
    term: number;
    command: string;
    prefix_hash: string;
    durable_on: number[];
  } | null;
}

/** The replicated sets of all replicas. */
export interface SetsView {
  replicas: ReplicaView[];
  /** What every active replica is known to hold durably. */
  frontier: Version;
  /** Who holds the frontier back most, and by how many events. */
  held_back_by: [replica: string, events: number] | null;
  epoch: number;
  stability_threshold: Micros;
  max_tombstones: number;
}

export interface ReplicaView {
  node: number;
  since_merge: Micros | null;
  elements: { name: string; dots: string[]; fresh: boolean }[];
  /** The removals it remembers, newest first. */
  tombstones: { name: string; dot: string; age: Micros; stable: boolean }[];
  counter: number;
  context: Version;
  durable: Version;
  /** Exact bytes that it holds in memory. */
  bytes: { live: number; context: number; journal: number };
}

/** Load, capacity and decisions. */
export interface ScalingView {
  source: string;
  /** The recent past, oldest first. */
  points: LoadPoint[];
  rate_milli: number;
  ready: number;
  starting: number;
  draining: number;
  bounds: [min_nodes: number, max_nodes: number];
  cpu_thresholds: [up: number, down: number] | null;
  queue_thresholds: [up: number, down: number] | null;
  decisions: {
    at: Micros;
    by: number;
    term: number;
    /** The log index of the order, if one was proposed. */
    index: number | null;
    decision: Decision;
  }[];
}

export interface LoadPoint {
  at: Micros;
  rate_milli: number;
  cpu_permille: number;
  queue_per_node: number;
  ready: number;
  starting: number;
  draining: number;
}

/** A scaling decision with every number between the samples and the answer. */
export interface Decision {
  at_micros: Micros;
  current: number;
  target: number;
  action: "out" | "in" | "none";
  /** The rule without which the answer would have been another one. */
  binding: BindingRule;
  chain: {
    fleet: {
      samples: { fresh: number; stale: number; absent: number };
      ready: number;
      unready: number;
      starting: number;
      draining: number;
      gone: number;
      cpu: Level;
      memory: Level;
      cpu_total: Level;
      queue_total: Level;
      queue_nodes: number;
    };
    strategy: ThresholdRecord | OtherRecord;
    guards: { verdicts: GuardVerdict[] };
  };
  /** A small change that would have led to another answer, and that answer. */
  counterfactual: { change: Change; target: number } | null;
}

/** What the threshold rule made of the fleet. */
export interface ThresholdRecord {
  kind: "threshold";
  proposals: {
    resource: Resource;
    level: Level;
    up: number;
    down: number;
    verdict: "high" | "between" | "low" | "unproven";
    nodes: number;
  }[];
  winner: { nodes: number; rule: ThresholdRule };
  cooldown: { length_micros: Micros; since_last_action_micros: Micros | null };
  nodes: number;
  rule: ThresholdRule;
}

/** What another strategy made of it, with its own numbers. */
export interface OtherRecord {
  kind: OtherStrategy["kind"];
  [number: string]: unknown;
}

/** What one guard said. */
export interface GuardVerdict {
  reason: string;
  before: number;
  after: number;
  [number: string]: unknown;
}

export type Resource = "cpu" | "memory" | "queue";

/** From some or from all of the ready nodes. */
export type Level = "unknown" | { partial: number } | { complete: number };

export type ThresholdRule =
  | { up_threshold: Resource }
  | "down_thresholds"
  | "within_range"
  | "missing_data"
  | "cooldown";

/** A rule of the strategy, by the strategy's name, or the reason of a guard. */
export type BindingRule =
  | { strategy: { threshold: ThresholdRule } | { [kind in OtherStrategy["kind"]]?: unknown } }
  | { guard: string };

export type Change =
  | { cooldown_over: { remaining_micros: Micros } }
  | "high_ones_fall"
  | { rises: { resource: Resource; level: number } }
  | "all_low"
  | { load: { permille: number } }
  | { later: { after_micros: Micros } }
  | { max_nodes: number }
  | { min_nodes: number }
  | { without: string };

export interface InvariantView {
  name: string;
  statement: string;
  /** What it is about. */
  group: "Consensus" | "Clients" | "Sets" | "Scaling";
  /** How often it was checked. */
  checks: number;
  last_checked: Micros;
  /** At which event of the run it broke first. */
  event: number | null;
  /** What broke it, in words, if it broke. */
  witness: string | null;
}
