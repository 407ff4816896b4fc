import type { KnipConfig } from "knip";

const config: KnipConfig = {
  workspaces: {
    ".": { entry: ["eslint.config.js"] },
    app: { entry: ["src/main.tsx", "build/*.ts"], project: ["src/**/*.{ts,tsx}", "build/*.ts"], ignore: ["src/api/schema.d.ts"] },
    e2e: { entry: ["playwright.config.ts", "tests/**/*.ts"], project: ["**/*.ts"] },
  },
};
export default config;
