// The page in a real browser. The server is started for the run and stopped after it.
import { defineConfig } from "@playwright/test";
import { LAUNCH } from "./browser.mjs";

const PORT = 4173;

export default defineConfig({
  testDir: "tests",
  outputDir: "results",
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: false,
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 60_000 },
  reporter: "list",
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    launchOptions: LAUNCH,
    viewport: { width: 1440, height: 900 },
  },
  webServer: {
    command: `node serve.mjs ${PORT}`,
    url: `http://127.0.0.1:${PORT}`,
    reuseExistingServer: false,
  },
});
