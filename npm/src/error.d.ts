/** What a program compares; the message is for people and may change. */
export type QuorateErrorCode =
  /** A class was used before `await init()`. */
  | "not-initialized"
  /** The WebAssembly module could not be loaded; `cause` says why. */
  | "load-failed"
  /** The object was freed. */
  | "freed"
  /** An argument has the wrong type or is out of range. */
  | "bad-argument"
  /** Bytes are damaged, or are something else. */
  | "bad-bytes"
  /** A delta builds on events that were not seen here: ask for one since `version()`. */
  | "gap"
  /** Others hold events of this replica that were not made here: take a new incarnation. */
  | "replica-reused"
  /** A counter's row would not fit into 64 bits. */
  | "overflow"
  /** A scenario does not make sense. */
  | "bad-scenario"
  /** A CSV file is no load trace. */
  | "bad-trace"
  /** An action is none that there is. */
  | "bad-action"
  /** An action cannot be done now. */
  | "action-refused"
  /** A number in the answer is beyond 2^53 − 1. */
  | "number-too-large";

/** What every refused call throws. Whatever was called is as it was before. */
export class QuorateError extends Error {
  private constructor();
  readonly name: "QuorateError";
  readonly code: QuorateErrorCode;
  /** Where in a JSON text that was refused, from 1. */
  readonly line?: number;
  /** Where in that line, from 1. */
  readonly column?: number;
}
