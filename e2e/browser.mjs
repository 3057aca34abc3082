// Which browser to use, and how: the system's Chromium, quiet and without a network of its own.

/** Launch options for Playwright. */
export const LAUNCH = {
  executablePath: process.env.CHROME ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};
