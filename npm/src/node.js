// The entry for Node, whose `fetch` reads no files.

import { readFile } from "node:fs/promises";

import { loadOnce } from "./module.js";

export { GCounter, OrSet, Simulation } from "./classes.js";
export { QuorateError } from "./error.js";

/** Loads the module: from `source`, or from the file beside this one. */
export function init(source) {
  return loadOnce(() => source ?? readFile(new URL("./quorate_bg.wasm", import.meta.url)));
}
