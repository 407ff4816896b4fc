import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";
import { BINARY, CHROMIUM, DATA, PORT } from "./environment.ts";

if (!existsSync(BINARY)) throw new Error(`there is no rapport at ${BINARY}: run \`make test\`, or set RAPPORT_BIN`);

/** Loading the demo organization with an unoptimized binary on a busy machine. */
const DEMO_TIMEOUT_MS = 180_000;

export default defineConfig({
  testDir: "tests",
  outputDir: "results",
  reporter: [["list"]],
  // All tests look at one organization; those that change it stand in files of their own, which run last.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    timezoneId: "America/New_York",
    viewport: { width: 1440, height: 900 },
    actionTimeout: 10_000,
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: CHROMIUM,
      // No service of the browser's maker is asked for anything; as root in a container there is no sandbox to be had.
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  webServer: {
    command: `"${BINARY}" --data "${DATA}" demo --listen 127.0.0.1:${PORT}`,
    url: `http://127.0.0.1:${PORT}/readyz`,
    timeout: DEMO_TIMEOUT_MS,
    reuseExistingServer: false,
    stdout: "ignore",
    gracefulShutdown: { signal: "SIGTERM", timeout: 5_000 },
  },
});
