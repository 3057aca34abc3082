// A whole cluster in a script: the same run as everywhere.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { QuorateError, Simulation, init } from "quorate/simulation";

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

/** A constant of the native test of the same run, which is linked into this directory. */
function constant(name) {
  const source = readFileSync(new URL("../digest.rs", import.meta.url), "utf8");
  const [, literal] = source.match(new RegExp(`const ${name}: u64 = ([0-9a-fx_]+);`));
  return BigInt(literal.replaceAll("_", ""));
}

const quiet = (changes) => ({ ...Simulation.presets()[0].scenario, ...changes });

test("the digest of the fixed run is the same here as natively", () => {
  const simulation = new Simulation("bad-network");
  const progress = simulation.run(60e6 - 1);
  assert.equal(progress.status, "reached");
  assert.equal(BigInt(simulation.events), constant("EVENTS"));
  assert.equal(simulation.digest, constant("DIGEST").toString(16).padStart(16, "0"));
});

test("a run in slices is the run in one go", () => {
  const scenario = quiet({ seed: 7, until: 20e6 });
  const [whole, sliced] = [new Simulation(scenario), new Simulation(JSON.stringify(scenario))];
  assert.deepEqual(whole.run(20e6).status, "finished");
  let slices = 0;
  while (sliced.run(20e6, 500).status === "paused") slices += 1;
  assert.ok(slices > 1);
  assert.equal(sliced.digest, whole.digest);
  assert.equal(sliced.now, 20e6);
});

test("a leader is elected, crashes by hand, and another follows", () => {
  const simulation = new Simulation(quiet({ until: 60e6 }));
  simulation.run(5e6);
  const { leader: first } = simulation.snapshot();
  assert.ok(first >= 1 && first <= 5);
  simulation.act({ do: "crash", node: first });
  simulation.run(10e6);
  const picture = simulation.snapshot({ logColumns: 5 });
  assert.ok(picture.leader !== null && picture.leader !== first);
  assert.equal(picture.nodes[first - 1].process.kind, "crashed");
  assert.equal(picture.nodes[picture.leader - 1].raft.role, "leader");
  assert.equal(picture.log.progress.length, 4);
  assert.ok(picture.log.progress.every(({ state }) => ["probe", "replicate"].includes(state)));
  const [{ at, ...action }] = simulation.scenario().actions;
  assert.deepEqual(action, { do: "crash", node: first });
  assert.ok(at >= 5e6 && at <= 5e6 + 1);

  const again = new Simulation(simulation.scenario());
  again.run(10e6);
  assert.equal(again.digest, simulation.digest);
});

test("a snapshot is plain data with names in place of numbers beyond 2^53", () => {
  const simulation = new Simulation("five-nodes");
  simulation.run(200e6);
  const picture = simulation.snapshot({ selectedIndex: 1 });
  assert.deepEqual(structuredClone(picture), picture);
  assert.deepEqual(JSON.parse(JSON.stringify(picture)), picture);
  assert.equal(picture.digest, simulation.digest);
  assert.match(picture.digest, /^[0-9a-f]{16}$/);
  assert.equal(picture.log.selected.index, 1);
  assert.match(picture.log.selected.prefix_hash, /^[0-9a-f]{12}$/);
  const [replica] = picture.sets.replicas;
  assert.ok(Object.keys(replica.context).includes("n1"));
  assert.match(replica.elements[0].dots[0], /^n[1-9]·[0-9]+$/);
  assert.ok(picture.scaling.decisions.some(({ decision }) => decision.action === "out"));
  assert.ok(picture.invariants.every(({ witness }) => witness === null));
  assert.ok(picture.invariants.filter(({ checks }) => checks > 0).length > 20);
});

test("a CSV file becomes the load", () => {
  const rows = Array.from({ length: 60 }, (_, minute) => {
    const time = `2024-05-01 10:${String(minute).padStart(2, "0")}:00`;
    return `${time},${minute < 30 ? 6_000 : 42_000}`;
  });
  const bytes = new TextEncoder().encode(["period,count", ...rows].join("\n"));
  const trace = { name: "load.csv", bytes, from: "2024-05-01 10:20:00", speed: 10 };
  const simulation = new Simulation(quiet({ until: 120e6 }), trace);
  simulation.run(120e6);
  assert.ok(simulation.snapshot().scaling.source.includes("load.csv"));
  const { load } = simulation.scenario();
  assert.deepEqual([load.kind, load.rows, load.speed], ["trace", 60, 10]);

  assert.equal(refusal(() => new Simulation(simulation.scenario())).code, "bad-scenario");
  const again = new Simulation(simulation.scenario(), { name: "renamed.csv", bytes });
  again.run(120e6);
  assert.equal(again.digest, simulation.digest);

  const damaged = new TextEncoder().encode(["period,count", ...rows, "x,1"].join("\n"));
  const error = refusal(() => new Simulation("diurnal", { name: "load.csv", bytes: damaged }));
  assert.equal(error.code, "bad-trace");
  assert.match(error.message, /62/);
});

test("a bad scenario is refused with its place", () => {
  const cut = '{\n  "version": 2,\n  "seed" 3\n}';
  const error = refusal(() => new Simulation(cut));
  assert.deepEqual([error.code, error.line, error.column], ["bad-scenario", 3, 10]);

  const wrong = [
    [quiet({ voters: 2 }), /voters: must be from 3 to 9/],
    [quiet({ seed: -1 }), /-1/],
    [quiet({ seed: 1.5 }), /1\.5/],
    [quiet({ version: 9 }), /version 9/],
    [quiet({ version: 1 }), /old version 1/],
    [quiet({ network: { los_permille: 1 } }), /network.*los_permille/],
    [quiet({ load: { kind: "constant", requests_per_second: "many" } }), /load\.requests_per_second/],
    [quiet({ colour: "red" }), /colour/],
    [quiet({ network: { loss_permille: 1_001 } }), /network\.loss_permille/],
    [quiet({ actions: [{ at: 1, do: "crash", node: 77 }] }), /actions\[0\].*n77/],
    [quiet({ seed: 1n }), /no JSON form/],
    ["no-such-preset", /"no-such-preset" is neither JSON nor a preset; presets are five-nodes/],
    ["{", /line 1, column 1/],
    [7, /must be an object, not 7/],
    [undefined, /must be an object, not undefined/],
  ];
  for (const [scenario, sentence] of wrong) {
    const refused = refusal(() => new Simulation(scenario));
    assert.equal(refused.code, "bad-scenario", refused.message);
    assert.match(refused.message, sentence);
  }
});

test("actions that are none, or impossible now, are refused and change nothing", () => {
  const simulation = new Simulation(quiet({}));
  simulation.run(1e6);
  const { digest } = simulation;
  const none = [{}, { do: "explode" }, { do: "crash" }, { do: "crash", node: "1" }, "crash", null];
  for (const action of none) {
    assert.equal(refusal(() => simulation.act(action)).code, "bad-action");
  }
  for (const action of [
    { do: "restart", node: 1 },
    { do: "crash", node: 99 },
    { do: "cut", a: 1, b: 1 },
    { do: "add", node: 1, element: "" },
  ]) {
    assert.equal(refusal(() => simulation.act(action)).code, "action-refused");
  }
  for (const [method, ...args] of [["run"], ["run", -1], ["run", 1e6, 0.5], ["snapshot", 3]]) {
    assert.equal(refusal(() => simulation[method](...args)).code, "bad-argument");
  }
  assert.equal(simulation.digest, digest);
  assert.deepEqual(simulation.scenario().actions ?? [], []);
  simulation.free();
  assert.equal(refusal(() => simulation.now).code, "freed");
});
