// `quorate/simulation` in Node.

import { readFile } from "node:fs/promises";

import { module } from "./simulator.js";

export { QuorateError } from "./error.js";
export { Simulation } from "./simulator.js";

export function init(source) {
  const file = new URL("./quorate_simulation_bg.wasm", import.meta.url);
  return module.loadOnce(() => source ?? readFile(file));
}
