export { GCounter, OrSet, Simulation } from "./quorate.js";
export { QuorateError } from "./error.js";
export type { QuorateErrorCode } from "./error.js";
export type * from "./types.js";

/** Where the module comes from: an address, a response, its bytes, or the compiled module. */
export type ModuleSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

/**
 * Loads the WebAssembly module. Nothing works before.
 *
 * Call it as often as you like: the first call loads, the others wait for it. Without a source,
 * the file of the package is taken, in browsers and in Node alike.
 *
 * @throws {QuorateError} `load-failed`; a later call tries again.
 */
export function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void>;
