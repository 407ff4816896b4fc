import { defineConfig } from "@playwright/test";
import { BENCH_STORE, BINARY, PORT } from "./environment.ts";
import config from "./playwright.config.ts";

/** Measures the pages on a large generated organization; it prints and asserts nothing but that they show what they should. */
export default defineConfig({
  ...config,
  testDir: "bench",
  timeout: 300_000,
  webServer: {
    command: `"${BINARY}" --data "${BENCH_STORE}" serve --listen 127.0.0.1:${PORT}`,
    url: `http://127.0.0.1:${PORT}/readyz`,
    timeout: 60_000,
    reuseExistingServer: false,
    stdout: "ignore",
    gracefulShutdown: { signal: "SIGTERM", timeout: 5_000 },
  },
});
