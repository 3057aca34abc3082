// `quorate/simulation` in browsers, workers and bundlers.

import { module } from "./simulator.js";

export { QuorateError } from "./error.js";
export { Simulation } from "./simulator.js";

export function init(source) {
  return module.loadOnce(() => source);
}
