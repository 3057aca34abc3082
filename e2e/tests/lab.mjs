// The lab as a test sees it: by roles and names, as a person with a screen reader would.
import { expect } from "@playwright/test";

export class Lab {
  constructor(page) {
    this.page = page;
    this.complaints = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  async open(fragment = "") {
    await this.page.goto(`/${fragment}`);
    await expect(this.nodes.first()).toBeVisible();
  }

  get nodes() {
    return this.page.getByRole("group", { name: "Nodes" }).getByRole("button");
  }

  node(name) {
    return this.page.getByRole("button", { name: new RegExp(`^${name}, `) });
  }

  get leader() {
    return this.page.getByRole("button", { name: /^n\d+, leader,/i });
  }

  /** The name of the only leader, once there is exactly one. */
  async leaderName() {
    await expect(this.leader).toHaveCount(1);
    return (await this.leader.getAttribute("aria-label")).split(",")[0];
  }

  /** Lets simulated time pass faster, by the key for it. */
  async faster(times) {
    for (let i = 0; i < times; i += 1) await this.page.keyboard.press("]");
  }

  async ensureRunning() {
    const run = this.page.getByRole("button", { name: "Run", exact: true });
    if (await run.isVisible()) await run.click();
    await expect(this.page.getByRole("button", { name: "Pause", exact: true })).toBeVisible();
  }

  async tab(name) {
    await this.page.getByRole("tab", { name: new RegExp(`^${name}`) }).click();
  }

  replica(node) {
    return this.page.getByRole("group", { name: `Replica ${node}`, exact: true });
  }

  async add(node, element) {
    await this.page.getByRole("textbox", { name: `Element at ${node}`, exact: true }).fill(element);
    await this.page.getByRole("button", { name: `Add at ${node}`, exact: true }).click();
  }

  async heal() {
    await this.page.getByRole("button", { name: "Heal", exact: true }).click();
  }
}
