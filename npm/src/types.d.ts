// The data that goes in and comes out: plain objects, which can be cloned into a worker.

/** A span or a point of time, in microseconds. A whole number, like all numbers here. */
export type Micros = number;

/** Everything a replica has seen: how many events of every replica, such as `{ "n1": 4 }`. */
export type Version = Record<string, number>;

/** Which replica a new set or counter is. No two that run at a time may be the same. */
export interface ReplicaOptions {
  /** The node: a whole number from 0 to 2^53 − 1. */
  node: number;
  /**
   * Which life of the node. Random if it is left out, so that a session which saves nothing is a
   * replica of its own: one that came back without the events it had sent would make others with
   * the same names.
   */
  incarnation?: number;
}

/** What one replica sends another. */
export interface Update {
  /** `full` if the receiver's version is older than what was pruned here. Both go to `apply`. */
  kind: "delta" | "full";
  /** How many events the receiver lacks. Zero: nothing needs to be sent. */
  events: number;
  bytes: Uint8Array;
}

/** What a merge did to a set. */
export interface MergeReport {
  /** Elements that were not here before. */
  added: string[];
  /** Elements that are not here any more. */
  removed: string[];
  /** Dots that keep an element alive and were not known before. */
  inserted: string[];
  /** Dots that kept an element alive and do not any more. */
  killed: string[];
  /** Events that were not known before. */
  newEvents: number;
  /** Removals that the sender had pruned, and that were forgotten here too. */
  recordsPruned: number;
}

/** What a merge did to a counter. */
export interface CounterMergeReport {
  /** Increments that were not known before. */
  newEvents: number;
  /** Records that the sender had pruned, and that were forgotten here too. */
  recordsPruned: number;
}

/** Which removals may be forgotten. A replica that lacks one of them gets a full update. */
export interface PruneOptions {
  /** Those at least as old as this. Five minutes if left out. */
  stabilityThreshold?: Micros;
  /** The oldest beyond this number. 10,000 if left out. */
  maxTombstones?: number;
  /** Those that everybody has: the smallest version that all replicas have reached. */
  frontier?: Version;
  /** The time, by default that of `Date.now()`. */
  now?: Micros;
}

/** What a pruning did. */
export interface PruneReport {
  /** Removals that were forgotten. */
  tagsRemoved: number;
  /** Exact bytes held in memory before. */
  bytesBefore: number;
  /** Exact bytes held in memory after. */
  bytesAfter: number;
  prunedAt: Micros;
}
