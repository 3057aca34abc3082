// The generated classes behind two guards that generated code does not have: before the module is
// loaded, and after an object was freed, they would fail with words about the glue's own variables.

import * as bound from "./quorate.js";
import { QuorateError } from "./error.js";
import { requireLoaded } from "./module.js";

export class OrSet extends bound.OrSet {
  constructor(options) {
    requireLoaded("new OrSet");
    super(options);
  }

  static decode(bytes) {
    requireLoaded("OrSet.decode");
    return Object.setPrototypeOf(super.decode(bytes), OrSet.prototype);
  }
}

export class GCounter extends bound.GCounter {
  constructor(options) {
    requireLoaded("new GCounter");
    super(options);
  }

  static decode(bytes) {
    requireLoaded("GCounter.decode");
    return Object.setPrototypeOf(super.decode(bytes), GCounter.prototype);
  }
}

export class Simulation extends bound.Simulation {
  constructor(scenario, trace) {
    requireLoaded("new Simulation");
    super(scenario, trace);
  }

  static presets() {
    requireLoaded("Simulation.presets");
    return super.presets();
  }
}

for (const generated of [bound.OrSet, bound.GCounter, bound.Simulation]) {
  refuseFreed(generated.prototype);
}

/** Makes every method and property of a class say so when the object was freed. */
function refuseFreed(prototype) {
  const className = prototype.constructor.name;
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (["constructor", "free", "__destroy_into_raw"].includes(name)) continue;
    const kind = property.get ? "get" : "value";
    const original = property[kind];
    property[kind] = function (...parameters) {
      if (!this.__wbg_ptr) {
        throw new QuorateError("freed", `${className}.${name}: this object was freed`);
      }
      return original.apply(this, parameters);
    };
    Object.defineProperty(prototype, name, property);
  }
  const free = prototype.free;
  // Freeing twice is as harmless as closing a file twice: `using` may follow a `free()` by hand.
  prototype.free = function () {
    if (this.__wbg_ptr) free.call(this);
  };
  if (Symbol.dispose) prototype[Symbol.dispose] = prototype.free;
}
