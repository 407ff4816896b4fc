import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse, Visitor, type Message, type VariableReference } from "@fluent/syntax";
import { expect, test } from "vitest";
import { messageIdTypes } from "../../build/message-ids.ts";
import { LANGUAGES } from "./l10n.ts";

const SOURCES = join(import.meta.dirname, "..");

test("all languages have the same messages with the same arguments", () => {
  const [first, ...others] = LANGUAGES.map(argumentsByMessage);
  for (const other of others) expect(other).toEqual(first);
});

test("no message file has a part that cannot be read, or a message twice", () => {
  for (const language of LANGUAGES) {
    const entries = entriesOf(language);
    expect(entries.filter((entry) => entry.type === "Junk")).toEqual([]);
    const ids = entries.flatMap((entry) => (entry.type === "Message" ? [entry.id.name] : []));
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  }
});

test("every message is used somewhere", () => {
  const code = filesBelow(SOURCES)
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts") && !path.includes(".test."))
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  const unused = Object.keys(argumentsByMessage("en")).filter((id) => !code.includes(`"${id}"`));
  expect(unused).toEqual([]);
});

test("the type of message ids is that of the messages", () => {
  expect(readFileSync(join(SOURCES, "i18n/message-ids.d.ts"), "utf8")).toBe(messageIdTypes());
});

test("words of settings are used by no page outside settings and privacy", () => {
  const ids = entriesBelow(join(import.meta.dirname, "en/settings"));
  const outside = filesBelow(SOURCES).filter((path) => /\.tsx?$/.test(path) && !/features.settings|message-ids/.test(path));
  const code = outside.map((path) => readFileSync(path, "utf8")).join("\n");
  expect(ids.filter((id) => code.includes(`"${id}"`))).toEqual([]);
});

function entriesBelow(folder: string): string[] {
  const entries = filesBelow(folder).flatMap((path) => parse(readFileSync(path, "utf8"), {}).body);
  return entries.flatMap((entry) => (entry.type === "Message" ? [entry.id.name] : []));
}

function entriesOf(language: string) {
  return filesBelow(join(import.meta.dirname, language)).flatMap((path) => parse(readFileSync(path, "utf8"), {}).body);
}

function argumentsByMessage(language: string): Record<string, string[]> {
  const messages = entriesOf(language).filter((entry): entry is Message => entry.type === "Message");
  return Object.fromEntries(
    messages.map((message): [string, string[]] => [message.id.name, argumentsOf(message)]).sort(([a], [b]) => a.localeCompare(b)),
  );
}

function argumentsOf(message: Message): string[] {
  const names = new Set<string>();
  class Collector extends Visitor {
    override visitVariableReference(reference: VariableReference) {
      names.add(reference.id.name);
    }
  }
  new Collector().visit(message);
  return [...names].sort();
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
