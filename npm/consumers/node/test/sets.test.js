// Sets that converge by exchanging updates, and stay small.

import assert from "node:assert/strict";
import { test } from "node:test";

import { OrSet, init } from "quorate";

await init();

/** What `from` has and `to` lacks. */
function pull(to, from) {
  const update = from.deltaSince(to.version());
  return { update, report: to.apply(update.bytes) };
}

test("two sets converge by deltas, and an add wins over a concurrent removal", () => {
  const phone = new OrSet({ node: 1, incarnation: 0 });
  const laptop = new OrSet({ node: 2, incarnation: 3 });
  assert.deepEqual([phone.replica, laptop.replica], ["n1", "n2~3"]);
  assert.equal(phone.add("milk"), "n1·1");
  phone.add("bread");
  assert.deepEqual(pull(laptop, phone).report.added, ["bread", "milk"]);

  assert.equal(laptop.remove("milk"), "n2~3·1");
  assert.equal(laptop.remove("bread"), "n2~3·2");
  assert.equal(phone.add("milk"), "n1·3");
  const { report } = pull(laptop, phone);
  assert.deepEqual(report.added, ["milk"]);
  assert.deepEqual(pull(phone, laptop).report, {
    added: [],
    removed: ["bread"],
    inserted: [],
    killed: ["n1·2"],
    newEvents: 2,
    recordsPruned: 0,
  });

  for (const set of [phone, laptop]) {
    assert.deepEqual(set.values(), ["milk"]);
    assert.equal(set.size, 1);
    assert.ok(set.has("milk") && !set.has("bread"));
    assert.deepEqual(set.dots("milk"), ["n1·3"]);
    assert.deepEqual(set.dots("bread"), []);
    assert.deepEqual(set.version(), { n1: 3, "n2~3": 2 });
  }
});

test("updates may come late, twice, or through others", () => {
  const [a, b, c] = [1, 2, 3].map((node) => new OrSet({ node }));
  a.add("x");
  const early = a.deltaSince(c.version());
  assert.equal(early.kind, "delta");
  assert.equal(early.events, 1);
  b.apply(early.bytes);
  b.remove("x");
  pull(c, b);
  const late = c.apply(early.bytes);
  assert.deepEqual([late.newEvents, late.added], [0, []]);
  assert.deepEqual(c.values(), []);
  assert.equal(b.deltaSince(c.version()).events, 0);
});

test("pruning changes nothing but who is sent everything", () => {
  const a = new OrSet({ node: 1 });
  const b = new OrSet({ node: 2 });
  a.add("gone", 1_000);
  a.add("stays", 1_000);
  pull(b, a);
  a.remove("gone", 2_000);
  const kept = a.prune({ now: 3_000 });
  assert.equal(kept.tagsRemoved, 0);
  assert.equal(kept.bytesBefore, kept.bytesAfter);
  const report = a.prune({ now: 3_000, stabilityThreshold: 1_000 });
  assert.equal(report.tagsRemoved, 1);
  assert.equal(report.prunedAt, 3_000);
  assert.ok(report.bytesAfter < report.bytesBefore);

  const { update } = pull(b, a);
  assert.equal(update.kind, "full");
  assert.deepEqual(b.values(), ["stays"]);
  assert.equal(a.deltaSince(b.version()).kind, "delta");
});

test("records that everybody has are pruned by the frontier", () => {
  const set = new OrSet({ node: 1 });
  set.add("x", 10);
  set.remove("x", 10);
  set.add("y", 10);
  set.remove("y", 10);
  const frontier = { [set.replica]: 2 };
  assert.equal(set.prune({ now: 10, frontier }).tagsRemoved, 1);
  assert.equal(set.prune({ now: 10, maxTombstones: 0 }).tagsRemoved, 1);
});

test("a stored set goes on as the same replica, and a fresh one is a replica of its own", () => {
  const set = new OrSet({ node: 7 });
  assert.match(set.replica, /^n7~[1-9][0-9]*$/);
  assert.notEqual(new OrSet({ node: 7 }).replica, set.replica);
  set.add("a");
  set.add("ü\u0000𝄞");
  const stored = OrSet.decode(set.encode());
  assert.ok(stored instanceof OrSet);
  assert.equal(stored.replica, set.replica);
  assert.deepEqual(stored.values(), ["a", "ü\u0000𝄞"]);
  assert.equal(stored.add("b"), `${set.replica}·3`);
});

test("one removal takes everything that was seen", () => {
  const [a, b] = [1, 2].map((node) => new OrSet({ node, incarnation: 0 }));
  assert.equal(a.clear(), undefined);
  assert.equal(a.remove("nothing"), undefined);
  a.add("x");
  a.add("y");
  pull(b, a);
  a.add("z");
  assert.equal(b.clear(), "n2·1");
  pull(a, b);
  assert.deepEqual(a.values(), ["z"]);
});

test("data can be cloned into a worker and written as JSON", () => {
  const set = new OrSet({ node: 1 });
  set.add("x");
  const update = structuredClone(set.deltaSince());
  assert.ok(update.bytes instanceof Uint8Array);
  const version = JSON.parse(JSON.stringify(set.version()));
  assert.equal(set.deltaSince(version).events, 0);
  const other = new OrSet({ node: 2 });
  const report = other.apply(Buffer.from(update.bytes));
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
});
