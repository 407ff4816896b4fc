import type { KnipConfig } from "knip";

const config: KnipConfig = {
  workspaces: {
    app: { entry: ["build/*.ts"], project: ["src/**/*.{ts,tsx}", "build/*.ts"] },
    e2e: { entry: ["tests/**/*.ts", "bench/**/*.ts", "screenshots/**/*.ts", "*.config.ts"], project: ["**/*.ts"] },
  },
};
export default config;
