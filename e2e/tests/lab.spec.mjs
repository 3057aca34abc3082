// What a person does in the first five minutes.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { Lab } from "./lab.mjs";

let lab;

test.beforeEach(async ({ page }) => {
  lab = new Lab(page);
});

test.afterEach(() => {
  expect(lab.complaints).toEqual([]);
});

test("a leader appears, and another when it crashes", async () => {
  await lab.open();
  await lab.ensureRunning();
  await lab.faster(3);
  const first = await lab.leaderName();
  await lab.node(first).click();
  await lab.page.keyboard.press("c");
  await expect(lab.node(first)).toHaveAccessibleName(/crashed/i);
  await expect(async () => {
    expect(await lab.leaderName()).not.toBe(first);
  }).toPass();
  await lab.node(first).click();
  await lab.page.keyboard.press("r");
  await expect(lab.node(first)).not.toHaveAccessibleName(/crashed/i);
});

test("an element added on each side of a partition survives it", async ({ page }) => {
  await lab.open();
  await lab.ensureRunning();
  await lab.faster(3);
  const cutOff = await lab.leaderName();
  await lab.node(cutOff).click();
  await page.keyboard.press("p");
  await expect(page.getByRole("button", { name: "Heal", exact: true })).toBeEnabled();
  await expect(async () => {
    const names = await lab.leader.evaluateAll((all) =>
      all.map((node) => node.getAttribute("aria-label").split(",")[0]),
    );
    expect(names.some((name) => name !== cutOff)).toBe(true);
  }).toPass();
  const majority = (await lab.leader.evaluateAll((all) =>
    all.map((node) => node.getAttribute("aria-label").split(",")[0]),
  )).find((name) => name !== cutOff);
  await lab.tab("Sets");
  await lab.add(cutOff, "saffron");
  await lab.add(majority, "vanilla");
  await expect(lab.replica(cutOff)).toContainText("saffron");
  await expect(lab.replica(majority)).toContainText("vanilla");
  await expect(lab.replica(majority)).not.toContainText("saffron");
  await lab.heal();
  for (const node of [cutOff, majority]) {
    await expect(lab.replica(node)).toContainText("saffron");
    await expect(lab.replica(node)).toContainText("vanilla");
  }
  await lab.tab("Invariants");
  await expect(page.getByRole("button", { name: /[0-9]+ invariants hold/ })).toBeVisible();
});

/** A quarter of an hour of calm, then six times the load: 60 times faster, in 15 seconds. */
function trace() {
  const minutes = Array.from({ length: 240 }, (_, minute) => {
    const two = (number) => String(number).padStart(2, "0");
    const time = `${two(Math.floor(minute / 60))}:${two(minute % 60)}:00`;
    return `1998-07-07 ${time},${minute < 15 ? 9_000 : 54_000}`;
  });
  return ["period,count", ...minutes].join("\n");
}

async function give(page, name, text) {
  await page
    .getByLabel("Load trace or scenario file")
    .setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
}

test("a load trace makes the fleet grow", async ({ page }) => {
  await lab.open();
  await give(page, "rush.csv", trace());
  await lab.ensureRunning();
  await lab.faster(7);
  await lab.tab("Scaling");
  await expect(lab.nodes).not.toHaveCount(5);
  await expect(page.getByRole("tabpanel")).toContainText("rush.csv");
});

test("a bad trace is refused with its place, and the run goes on", async ({ page }) => {
  await lab.open();
  await lab.ensureRunning();
  await give(page, "broken.csv", "period,count\n1998-07-07 00:00:00,5\n1998-07-07 00:01:00,many\n");
  await expect(page.getByText(/line 3/i).first()).toBeVisible();
  await expect(lab.leader).toHaveCount(1);
});

test("a link reproduces the run, and a damaged one says so", async ({ page }) => {
  await lab.open();
  await lab.ensureRunning();
  await lab.faster(3);
  const crashed = await lab.leaderName();
  await lab.node(crashed).click();
  await page.keyboard.press("c");
  await expect(page).toHaveURL(/#v1\./);
  const link = new URL(page.url()).hash;
  await page.goto("about:blank");
  await lab.open(link);
  await lab.ensureRunning();
  await lab.faster(3);
  await expect(lab.node(crashed)).toHaveAccessibleName(/crashed/i);
  await page.goto("about:blank");
  await lab.open(link.slice(0, 40));
  await expect(page.getByText(/cut off or was changed/)).toBeVisible();
});

test("going back finds what was", async ({ page }) => {
  await lab.open();
  await lab.ensureRunning();
  await lab.faster(3);
  await lab.leaderName();
  await page.keyboard.press("Space");
  await page.keyboard.press("Home");
  await expect(page.getByText("Waiting for the first election").first()).toBeVisible();
  await expect(lab.leader).toHaveCount(0);
});

test("a wasm file that does not load is reported in words", async ({ page }) => {
  await page.route("**/*.wasm", (route) => route.abort());
  await page.goto("/");
  await expect(page.getByRole("alertdialog")).toBeVisible();
  lab.complaints.length = 0;
});

for (const [width, height] of [[1440, 900], [390, 844]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing at ${width} in ${colorScheme}`, async ({ page }) => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await lab.open();
      await expect(lab.leader).toHaveCount(1);
      for (const tab of ["Raft", "Sets", "Scaling", "Invariants", "Events"]) {
        await lab.tab(tab);
        const { violations } = await new AxeBuilder({ page })
          .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"])
          .analyze();
        expect(violations.map(({ id, nodes }) => `${tab}: ${id}: ${nodes[0].html}`)).toEqual([]);
      }
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBe(0);
    });
  }
}
