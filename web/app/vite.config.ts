import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { guidePlugin } from "./build/guides.ts";
import { messageIdPlugin } from "./build/message-ids.ts";
import { precompress } from "./build/precompress.ts";

/** Where `rapport serve` answers while pages are developed. */
const SERVER = process.env.RAPPORT_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [messageIdPlugin(), guidePlugin(), react(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: { target: "es2023", chunkSizeWarningLimit: 900, reportCompressedSize: false, modulePreload: { polyfill: false } },
  server: {
    proxy: { "/api": { target: SERVER, changeOrigin: true, headers: { origin: SERVER } } },
    // The guides lie beside the pages, under docs.
    fs: { allow: ["../.."] },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/testing/setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
    restoreMocks: true,
    // A machine that is busy with other builds is no failure.
    testTimeout: 20_000,
  },
});
