// Counters that count every increment once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { GCounter, init } from "quorate";

await init();

test("increments add up, however often they arrive", () => {
  const [a, b] = [1, 2].map((node) => new GCounter({ node, incarnation: 0 }));
  assert.equal(a.increment(), "n1·1");
  a.increment(41);
  b.increment(100);
  assert.equal(a.increment(0), undefined);
  const update = a.deltaSince(b.version());
  assert.equal(b.apply(update.bytes).newEvents, 2);
  assert.equal(b.apply(update.bytes).newEvents, 0);
  a.apply(b.deltaSince(a.version()).bytes);
  assert.deepEqual([a.value, b.value], [142n, 142n]);
  assert.deepEqual(a.version(), { n1: 2, n2: 1 });
});

test("a counter counts beyond what a number holds", () => {
  const counter = new GCounter({ node: 1 });
  counter.increment(Number.MAX_SAFE_INTEGER);
  counter.increment(Number.MAX_SAFE_INTEGER);
  assert.equal(counter.value, 2n * BigInt(Number.MAX_SAFE_INTEGER));
  const overflowing = () => {
    for (let i = 0; i < 2 ** 12; i += 1) counter.increment(Number.MAX_SAFE_INTEGER);
  };
  assert.throws(overflowing, { code: "overflow" });
  const before = counter.value;
  assert.ok(before < 2n ** 64n && before > 2n ** 63n);
  counter.increment(1);
  assert.equal(counter.value, before + 1n);
});

test("rows that were superseded are pruned, and the value stays", () => {
  const counter = new GCounter({ node: 1 });
  for (let i = 0; i < 10; i += 1) counter.increment(1, 0);
  assert.equal(counter.prune({ now: 0, maxTombstones: 2 }).tagsRemoved, 7);
  assert.equal(counter.value, 10n);
  const stored = GCounter.decode(counter.encode());
  assert.ok(stored instanceof GCounter);
  assert.equal(stored.replica, counter.replica);
  assert.equal(stored.value, 10n);
});
