import { defineConfig } from "@playwright/test";
import config from "./playwright.config.ts";

/** Takes the pictures of docs/screenshots with the demo organization. */
export default defineConfig(config, { testDir: "screenshots" });
