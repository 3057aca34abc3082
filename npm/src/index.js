// The entry for browsers, workers and bundlers.

import { loadOnce } from "./module.js";

export { GCounter, OrSet, Simulation } from "./classes.js";
export { QuorateError } from "./error.js";

/** Loads the module: from `source`, or from the file beside this one. */
export function init(source) {
  // The generated code names that file, and bundlers look for the name: it must occur only there.
  return loadOnce(() => source);
}
