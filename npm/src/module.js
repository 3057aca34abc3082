// Loading the module, once.

import load from "./quorate.js";
import { QuorateError } from "./error.js";

let loading;
let loaded = false;

/** Loads the module from what `source` returns, unless it is loaded or being loaded already. */
export function loadOnce(source) {
  loading ??= attempt(source);
  return loading;
}

/** Refuses to go on before the module is loaded. */
export function requireLoaded(what) {
  if (!loaded) {
    throw new QuorateError("not-initialized", `${what}: call \`await init()\` first`);
  }
}

async function attempt(source) {
  try {
    await load({ module_or_path: await source() });
    loaded = true;
  } catch (cause) {
    // The next call may try again, from another source.
    loading = undefined;
    const message = `the WebAssembly module could not be loaded: ${cause?.message ?? cause}`;
    throw new QuorateError("load-failed", message, undefined, undefined, { cause });
  }
}
