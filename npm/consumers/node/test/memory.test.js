// Memory: freed by hand at once, freed by the collector some time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { OrSet, init } from "quorate";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

const instantiate = WebAssembly.instantiate;
let memory;
WebAssembly.instantiate = async (...parameters) => {
  const result = await instantiate(...parameters);
  ({ memory } = (result.instance ?? result).exports);
  return result;
};
await init();

/** A set of about half a megabyte. */
function largeSet() {
  const set = new OrSet({ node: 1 });
  for (let i = 0; i < 200; i += 1) set.add(`${i}`.padStart(1_000, "x"));
  return set;
}

test("what is freed by hand is used again", () => {
  largeSet().free();
  const before = memory.buffer.byteLength;
  for (let round = 0; round < 100; round += 1) {
    const set = largeSet();
    set[Symbol.dispose]();
  }
  assert.equal(memory.buffer.byteLength, before);
});

test("what is forgotten is freed by the collector", async () => {
  const before = memory.buffer.byteLength;
  for (let round = 0; round < 100; round += 1) {
    largeSet();
    collectGarbage();
    // Finalizers run between tasks, never within one.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const grown = memory.buffer.byteLength - before;
  assert.ok(grown < 8 * 2 ** 20, `the memory grew by ${grown} bytes`);
});

test("arguments and errors are not kept either", () => {
  const set = new OrSet({ node: 1 });
  const junk = new Uint8Array(100_000);
  const attempt = () => {
    try {
      set.apply(junk);
    } catch (error) {
      return error.code;
    }
    return undefined;
  };
  assert.equal(attempt(), "bad-bytes");
  const before = memory.buffer.byteLength;
  for (let round = 0; round < 1_000; round += 1) attempt();
  assert.equal(memory.buffer.byteLength, before);
  set.free();
});
