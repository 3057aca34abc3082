// `quorate` in browsers, workers and bundlers.

import { module } from "./crdt.js";

export { GCounter, OrSet } from "./crdt.js";
export { QuorateError } from "./error.js";

export function init(source) {
  // Without a source the generated code takes the file beside it. Bundlers look for that file's
  // name, and copy it once for every place where it occurs: so it occurs there and not here.
  return module.loadOnce(() => source);
}
