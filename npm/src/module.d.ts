/** Where a WebAssembly module comes from: an address, a response, its bytes, or compiled. */
export type ModuleSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

/**
 * Loads the WebAssembly module behind these exports. Nothing works before.
 *
 * Call it as often as you like: the first call loads, the others wait for it. Without a source,
 * the file of the package is taken, in browsers and in Node alike.
 *
 * @throws {QuorateError} `load-failed`; a later call tries again.
 */
export type Init = (source?: ModuleSource | Promise<ModuleSource>) => Promise<void>;
