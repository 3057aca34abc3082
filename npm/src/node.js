// `quorate` in Node, whose `fetch` reads no files.

import { readFile } from "node:fs/promises";

import { module } from "./crdt.js";

export { GCounter, OrSet } from "./crdt.js";
export { QuorateError } from "./error.js";

export function init(source) {
  const file = new URL("./quorate_bg.wasm", import.meta.url);
  return module.loadOnce(() => source ?? readFile(file));
}
