// Loading: explicit, once, and with a clear error before it and when it fails.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import * as quorate from "quorate";
import * as simulation from "quorate/simulation";

const { GCounter, OrSet, QuorateError, init } = quorate;

test("before init every class says what to do", () => {
  const attempts = [
    () => new OrSet({ node: 1 }),
    () => OrSet.decode(new Uint8Array()),
    () => new GCounter({ node: 1 }),
    () => GCounter.decode(new Uint8Array()),
    () => new simulation.Simulation("five-nodes"),
    () => simulation.Simulation.presets(),
  ];
  for (const attempt of attempts) {
    assert.throws(attempt, (error) => {
      assert.ok(error instanceof QuorateError && error instanceof Error);
      assert.equal(error.name, "QuorateError");
      assert.equal(error.code, "not-initialized");
      assert.match(error.message, /await init\(\)/);
      return true;
    });
  }
});

test("a module that is none is refused, and a later call tries again", async () => {
  const refused = await init(new Uint8Array([1, 2, 3])).catch((error) => error);
  assert.equal(refused.code, "load-failed");
  assert.ok(refused.cause instanceof WebAssembly.CompileError);
  assert.throws(() => new OrSet({ node: 1 }), { code: "not-initialized" });
});

test("init takes the module from wherever, and runs once", async () => {
  const file = new URL(import.meta.resolve("quorate/quorate.wasm"));
  const compiled = await WebAssembly.compile(await readFile(file));
  const first = init(compiled);
  assert.equal(init(), first);
  await first;
  const set = new OrSet({ node: 1 });
  set.add("kept");
  await init();
  await init(new Uint8Array([1, 2, 3]));
  assert.deepEqual(set.values(), ["kept"]);
});

test("the two modules of the package are loaded apart", async () => {
  assert.throws(() => simulation.Simulation.presets(), { code: "not-initialized" });
  await simulation.init();
  assert.ok(simulation.Simulation.presets().length > 0);
  assert.equal(simulation.QuorateError, QuorateError);
});

test("nothing else is exported", () => {
  assert.deepEqual(Object.keys(quorate).sort(), ["GCounter", "OrSet", "QuorateError", "init"]);
  assert.deepEqual(Object.keys(simulation).sort(), ["QuorateError", "Simulation", "init"]);
});
