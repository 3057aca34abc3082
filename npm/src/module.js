// Loading a WebAssembly module, once.

import { QuorateError } from "./error.js";

/** A module that is not there yet. */
export class Module {
  #load;
  #loading;
  #isLoaded = false;

  /** @param load The generated function that compiles the module and fills in its exports. */
  constructor(load) {
    this.#load = load;
  }

  /** Loads it from what `source` returns, unless it is loaded or being loaded already. */
  loadOnce(source) {
    this.#loading ??= this.#attempt(source);
    return this.#loading;
  }

  /** Refuses to go on before it is loaded: generated code would fail on a variable of its own. */
  require(what) {
    if (!this.#isLoaded) {
      throw new QuorateError("not-initialized", `${what}: call \`await init()\` first`);
    }
  }

  async #attempt(source) {
    try {
      await this.#load({ module_or_path: await source() });
      this.#isLoaded = true;
    } catch (cause) {
      // The next call may try again, from another source.
      this.#loading = undefined;
      const message = `the WebAssembly module could not be loaded: ${cause?.message ?? cause}`;
      throw new QuorateError("load-failed", message, undefined, undefined, { cause });
    }
  }
}
