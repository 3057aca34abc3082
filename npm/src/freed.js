// What happens to an object after `free()`.

import { QuorateError } from "./error.js";

/**
 * Makes every method and property of a generated class say so when the object was freed, and lets
 * it be freed twice, because `using` may follow a `free()` by hand.
 */
export function refuseFreed({ name: className, prototype }) {
  const properties = Object.getOwnPropertyDescriptors(prototype);
  for (const [name, property] of Object.entries(properties)) {
    if (["constructor", "free", "__destroy_into_raw"].includes(name)) continue;
    const kind = property.get ? "get" : "value";
    const original = property[kind];
    property[kind] = function (...parameters) {
      if (isFreed(this)) {
        throw new QuorateError("freed", `${className}.${name}: this object was freed`);
      }
      return original.apply(this, parameters);
    };
    Object.defineProperty(prototype, name, property);
  }
  const free = prototype.free;
  prototype.free = function () {
    if (!isFreed(this)) free.call(this);
  };
  if (Symbol.dispose) prototype[Symbol.dispose] = prototype.free;
}

function isFreed(object) {
  return object.__wbg_ptr === 0;
}
