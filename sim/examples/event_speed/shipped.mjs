// How many nanoseconds an event takes in the simulator of the npm package, after `cargo xtask pack`:
// `node sim/examples/event_speed/shipped.mjs [EVENTS [NATIVE_NANOSECONDS]]`. The native figure is that of
// `cargo run --release -p quorate-sim --example event_speed -- labs [EVENTS]`.

import { init, Simulation } from "../../../npm/dist/simulation-node.js";

const PRESETS = ["five-nodes", "bad-network", "leader-cut-off"];
const RUNS = 5;
// Longer than any run here lasts, in microseconds.
const ENDLESS = 1e13;

const [events = 1_000_000, native] = process.argv.slice(2).map(Number);

function measure(slug) {
  const { scenario } = Simulation.presets().find((preset) => preset.slug === slug);
  let fastest = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const simulation = new Simulation({ ...scenario, until: ENDLESS });
    const started = performance.now();
    const { status } = simulation.run(ENDLESS, events);
    fastest = Math.min(fastest, performance.now() - started);
    simulation.free();
    if (status !== "paused") throw new Error(`${slug} came to an end: ${status}`);
  }
  const each = Math.round((fastest * 1e6) / events);
  console.log(`${slug}: ${each} ns per event`);
  return each;
}

await init();
const each = Math.round(PRESETS.map(measure).reduce((sum, one) => sum + one) / PRESETS.length);
console.log(`together: ${each} ns per event`);
if (native) console.log(`${Math.round((100 * each) / native)} % of the native time`);
