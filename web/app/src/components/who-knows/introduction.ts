import type { Introducer } from "@/api/who-knows.ts";

/** What a template may name. */
export interface IntroductionNames {
  colleague: string;
  target: string;
  me: string;
}

/** The text of a template with the names in place; whatever else stands in braces stays. */
export function filled(template: string, names: IntroductionNames): string {
  return template.replaceAll(/\{(colleague|target|me)\}/g, (_, name: keyof IntroductionNames) => names[name]).trimEnd();
}

/** What tells introducers apart, also those who are not named. */
export function keyOf(introducer: Introducer): string {
  return introducer.colleague ?? introducer.handle ?? "";
}
