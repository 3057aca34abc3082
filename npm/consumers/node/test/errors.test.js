// Bad input: a code, a sentence, and a state that is as it was.

import assert from "node:assert/strict";
import { test } from "node:test";

import { GCounter, OrSet, QuorateError, init } from "quorate";

await init();

/** The error that a call throws. */
function refusal(call) {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof QuorateError, `${error}`);
    return error;
  }
  return assert.fail("it was not refused");
}

const NUMBERS = [-1, 1.5, NaN, Infinity, 2 ** 53, "1", null, 1n, {}, [], true, Symbol("x")];

test("numbers that are no whole numbers are refused everywhere", () => {
  const set = new OrSet({ node: 1, incarnation: 0 });
  const counter = new GCounter({ node: 1, incarnation: 0 });
  for (const number of NUMBERS) {
    const calls = [
      () => new OrSet({ node: number }),
      () => new OrSet({ node: 1, incarnation: number }),
      () => new GCounter({ node: number }),
      () => set.add("x", number),
      () => set.remove("x", number),
      () => set.clear(number),
      () => set.prune({ now: number }),
      () => set.prune({ stabilityThreshold: number }),
      () => set.prune({ maxTombstones: number }),
      () => set.prune({ frontier: { n1: number } }),
      () => set.deltaSince({ n1: number }),
      () => counter.increment(number),
      () => counter.increment(1, number),
    ];
    for (const call of calls) {
      const error = refusal(call);
      assert.equal(error.code, "bad-argument", `${call}`);
      assert.match(error.message, /must be a whole number from 0 to 9007199254740991, not /);
    }
  }
  assert.deepEqual([set.version(), counter.version()], [{}, {}]);
});

test("the sentence names the argument and shows the value", () => {
  const set = new OrSet({ node: 1 });
  const sentence = (call) => refusal(call).message;
  assert.equal(
    sentence(() => new OrSet({ node: -1 })),
    "options.node must be a whole number from 0 to 9007199254740991, not -1",
  );
  assert.equal(sentence(() => set.add(7)), "element must be a string, not 7");
  assert.equal(
    sentence(() => new OrSet({ node: 1, incarnaton: 2 })),
    "options has no field `incarnaton`; there are node, incarnation",
  );
  assert.equal(
    sentence(() => set.deltaSince({ m1: 1 })),
    "since has a key `m1`, which is no replica id such as n3 or n3~2",
  );
  assert.equal(
    sentence(() => set.apply("a".repeat(50))),
    `bytes must be a Uint8Array, not "${"a".repeat(40)}"…`,
  );
  const hostile = {
    get node() {
      throw new Error("no");
    },
  };
  assert.equal(sentence(() => new OrSet(hostile)), "options.node cannot be read: an object");
});

test("options, versions, elements and bytes of other types are refused", () => {
  const set = new OrSet({ node: 1 });
  const odd = [undefined, null, 1, "x", [], new Map(), () => {}, Symbol("x")];
  for (const value of odd) {
    assert.equal(refusal(() => new OrSet(value)).code, "bad-argument");
    assert.equal(refusal(() => new GCounter(value)).code, "bad-argument");
    assert.equal(refusal(() => set.apply(value)).code, "bad-argument");
    assert.equal(refusal(() => OrSet.decode(value)).code, "bad-argument");
    assert.equal(refusal(() => GCounter.decode(value)).code, "bad-argument");
    if (value !== undefined) {
      assert.equal(refusal(() => set.deltaSince(value)).code, "bad-argument");
      assert.equal(refusal(() => set.prune(value)).code, "bad-argument");
      assert.equal(refusal(() => set.prune({ frontier: value })).code, "bad-argument");
    }
    if (typeof value !== "string") {
      for (const method of ["add", "remove", "has", "dots"]) {
        assert.equal(refusal(() => set[method](value)).code, "bad-argument");
      }
    }
  }
  assert.equal(refusal(() => set.add("\ud800")).code, "bad-argument");
  assert.deepEqual(set.values(), []);
});

test("every damaged bit is refused and changes nothing", () => {
  const a = new OrSet({ node: 1 });
  a.add("milk");
  a.remove("milk");
  a.add("bread");
  const b = new OrSet({ node: 2 });
  b.add("tea");
  const before = b.encode();
  const { bytes } = a.deltaSince(b.version());
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const damaged = Uint8Array.from(bytes);
    damaged[bit >> 3] ^= 1 << (bit & 7);
    assert.equal(refusal(() => b.apply(damaged)).code, "bad-bytes", `bit ${bit}`);
  }
  for (let length = 0; length < bytes.length; length += 1) {
    assert.equal(refusal(() => b.apply(bytes.subarray(0, length))).code, "bad-bytes");
  }
  assert.match(refusal(() => OrSet.decode(bytes)).message, /kind/);
  assert.equal(refusal(() => b.apply(a.encode())).code, "bad-bytes");
  assert.deepEqual(b.encode(), before);
});

test("a counter's bytes are no set's, and the other way round", () => {
  const counter = new GCounter({ node: 1 });
  counter.increment(3);
  counter.increment(3);
  const set = new OrSet({ node: 2 });
  set.add("x");
  set.add("x");
  const empty = { set: new OrSet({ node: 3 }), counter: new GCounter({ node: 4 }) };
  for (const call of [
    () => empty.set.apply(counter.deltaSince().bytes),
    () => empty.counter.apply(set.deltaSince().bytes),
    () => OrSet.decode(counter.encode()),
    () => GCounter.decode(set.encode()),
  ]) {
    const error = refusal(call);
    assert.equal(error.code, "bad-bytes");
    assert.match(error.message, /^n\d(~\d+)?·\d at `.*` is not (an element of the set|a row of a counter)$/s);
  }
  assert.deepEqual([empty.set.version(), empty.counter.version()], [{}, {}]);
});

test("a delta over a gap is refused, and the version says what to ask for", () => {
  const a = new OrSet({ node: 1, incarnation: 0 });
  const b = new OrSet({ node: 2 });
  a.add("first");
  const seen = a.version();
  a.add("second");
  const error = refusal(() => b.apply(a.deltaSince(seen).bytes));
  assert.equal(error.code, "gap");
  assert.match(error.message, /\{n1: 1\}/);
  assert.deepEqual([b.values(), b.version()], [[], {}]);
  b.apply(a.deltaSince(b.version()).bytes);
  assert.deepEqual(b.values(), ["first", "second"]);
});

test("a replica that lost events it had sent must not go on", () => {
  const a = new OrSet({ node: 1, incarnation: 0 });
  const b = new OrSet({ node: 2, incarnation: 0 });
  a.add("x");
  b.apply(a.deltaSince().bytes);
  const rolledBack = new OrSet({ node: 1, incarnation: 0 });
  assert.equal(refusal(() => rolledBack.apply(b.deltaSince().bytes)).code, "replica-reused");
  assert.equal(refusal(() => rolledBack.add("y")).code, "replica-reused");
  assert.deepEqual(rolledBack.version(), {});
});

test("a freed object says so, and may be freed again", () => {
  const set = new OrSet({ node: 1 });
  const counter = new GCounter({ node: 1 });
  const copy = OrSet.decode(set.encode());
  for (const object of [set, counter, copy]) object.free();
  set.free();
  counter[Symbol.dispose]();
  assert.equal(refusal(() => set.add("x")).code, "freed");
  assert.equal(refusal(() => set.size).code, "freed");
  assert.equal(refusal(() => copy.values()).message, "OrSet.values: this object was freed");
  assert.equal(refusal(() => counter.value).code, "freed");
});
