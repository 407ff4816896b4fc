import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "@fluent/syntax";
import type { Plugin } from "vite";

const MESSAGES = join(import.meta.dirname, "../src/i18n");
const TYPES = join(MESSAGES, "message-ids.d.ts");

/** Ids of all messages of a language, sorted. */
export function messageIds(language: string): string[] {
  const folder = join(MESSAGES, language);
  const ids = readdirSync(folder, { encoding: "utf8", recursive: true })
    .filter((name) => name.endsWith(".ftl"))
    .flatMap((name) => parse(readFileSync(join(folder, name), "utf8"), {}).body)
    .flatMap((entry) => (entry.type === "Message" ? [entry.id.name] : []));
  return ids.sort();
}

/** The type of all ids, so that the compiler finds a message that does not exist. */
export function messageIdTypes(): string {
  const lines = messageIds("en").map((id) => `  | "${id}"`);
  return `// Made from the messages in en/ by every build and test; do not edit.\nexport type MessageId =\n${lines.join("\n")};\n`;
}

/** Keeps the type of message ids true while developing, testing and building. */
export function messageIdPlugin(): Plugin {
  const write = () => {
    const types = messageIdTypes();
    if (readOrEmpty(TYPES) !== types) writeFileSync(TYPES, types);
  };
  return {
    name: "rapport-message-ids",
    buildStart: write,
    handleHotUpdate({ file }) {
      if (file.endsWith(".ftl")) write();
    },
  };
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
