import { createContext, use, useMemo } from "react";
import { formatsOf, type Formats } from "./formats.ts";
import type { L10n } from "./l10n.ts";

export const L10nContext = createContext<L10n | null>(null);
/** The organization's time zone: days and times on every page are local to it. */
export const TimeZoneContext = createContext("UTC");

/** Words of the language that was chosen. */
export function useL10n(): L10n {
  const l10n = use(L10nContext);
  if (!l10n) throw new Error("there is no L10nContext above");
  return l10n;
}

/** Numbers, money, dates and times as the chosen language writes them. */
export function useFormats(): Formats {
  const { language, t } = useL10n();
  const timeZone = use(TimeZoneContext);
  return useMemo(() => formatsOf(language, timeZone, t), [language, timeZone, t]);
}
