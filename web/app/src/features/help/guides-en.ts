import type { Guide } from "./guides.ts";

export const guides = import.meta.glob<Guide>("../../../../../docs/guide/en/*.md", { import: "default", eager: true });
