import { localDay } from "@/i18n/formats.ts";

const DAY_MS = 86_400_000;

/** The local date now, as YYYY-MM-DD. */
export function today(timeZone: string): string {
  return localDay(new Date().toISOString(), timeZone);
}

export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Whole days from one local date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

/** The last second of a local day. */
export function endOfDay(day: string, timeZone: string): string {
  // No day is longer than 25 hours: from one that certainly is past it, back to the last minute of the day.
  let at = Date.parse(`${plusDays(day, 1)}T12:00:00Z`);
  while (localDay(new Date(at).toISOString(), timeZone) > day) at -= 1_800_000;
  while (localDay(new Date(at + 60_000).toISOString(), timeZone) === day) at += 60_000;
  return new Date(at - (at % 60_000) + 59_000).toISOString();
}
