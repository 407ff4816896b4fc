const files: Record<string, string> = import.meta.glob("./en/settings/*.ftl", { query: "?raw", import: "default", eager: true });

export const messages = Object.values(files);
