// How long the page works per frame, and what it looks like. Prints one line per speed.
//
//   cargo xtask build && cd e2e && npm ci && npm run measure [-- DIRECTORY FOR SCREENSHOTS]
import { chromium } from "@playwright/test";
import { LAUNCH } from "./browser.mjs";
import { DIST, serve } from "./serve.mjs";

const PORT = 4174;
const SECONDS = 10;
const shots = process.argv[2];

const server = await serve(DIST, PORT);
const browser = await chromium.launch(LAUNCH);

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

async function open(width, height, colorScheme) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  await page.goto(`http://127.0.0.1:${PORT}/`);
  await page.getByRole("button", { name: /^n\d+, leader,/i }).first().waitFor({ timeout: 60_000 });
  return page;
}

async function measure(name, slower, faster) {
  const page = await open(1440, 900, "light");
  const press = async (key, times) => {
    for (let i = 0; i < times; i += 1) await page.keyboard.press(key);
  };
  await press("[", slower);
  await press("]", faster);
  const result = await page.evaluate(async (seconds) => {
    const intervals = [];
    window.quorateFrames.length = 0;
    const end = performance.now() + seconds * 1_000;
    for (let last = performance.now(); last < end; ) {
      const now = await new Promise(requestAnimationFrame);
      intervals.push(now - last);
      last = now;
    }
    return { work: [...window.quorateFrames], intervals };
  }, SECONDS);
  const work = result.work.sort((a, b) => a - b);
  const late = result.intervals.filter((interval) => interval > 25).length;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(work, share).toFixed(2));
  const nodes = await page.getByRole("group", { name: "Nodes" }).getByRole("button").count();
  console.log(
    `${name}: ${nodes} nodes, ${work.length} frames, work p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms, ` +
      `${((100 * late) / result.intervals.length).toFixed(1)} % of intervals over 25 ms`,
  );
  await page.close();
}

// The page starts at a tenth of real time; three stops faster is real time, six is tenfold.
await measure("1x", 20, 4);
await measure("10x", 20, 7);

if (shots) {
  for (const [width, height, scheme] of [
    [1440, 900, "light"], [1440, 900, "dark"], [390, 844, "light"], [390, 844, "dark"],
  ]) {
    const page = await open(width, height, scheme);
    await page.screenshot({ path: `${shots}/lab-${scheme}-${width}.png` });
    await page.close();
  }
}
await browser.close();
server.close();
