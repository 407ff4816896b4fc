import type { L10n, Language } from "./l10n.ts";

/** What stands where nothing is known. */
export const NOTHING = "---";

/** Locales whose customs of numbers and dates a language follows. */
const LOCALES: Record<Language, string> = { en: "en-GB", nl: "nl-NL" };

type Maybe<T> = T | null | undefined;

/** Every way in which a page writes a value; absent values are `NOTHING`, never zero. */
export interface Formats {
  number: (value: Maybe<number>, digits?: number) => string;
  /** A share of 0..1 in percent. */
  percent: (share: Maybe<number>) => string;
  /** Without a currency the bare amount. */
  money: (amount: Maybe<number>, currency: Maybe<string>) => string;
  /** Hours with two decimals, as the reference product writes them. */
  hours: (hours: Maybe<number>) => string;
  minutesAsHours: (minutes: Maybe<number>) => string;
  /** A moment's date, or a calendar date (YYYY-MM-DD) as it stands. */
  date: (value: Maybe<string>) => string;
  shortDate: (value: Maybe<string>) => string;
  dateTime: (moment: Maybe<string>) => string;
  time: (moment: Maybe<string>) => string;
  /** "3 days ago", "in 2 weeks", from one moment to another. */
  relative: (moment: Maybe<string>, asOf: string) => string;
  /** "3 minutes ago", of a number of seconds. */
  ago: (seconds: Maybe<number>) => string;
  /** "2 hours", of a number of seconds, in the largest unit that fits. */
  duration: (seconds: Maybe<number>) => string;
  list: (items: string[]) => string;
}

const DAY_MS = 86_400_000;
/** Units of a length of time, the largest first, with their seconds. */
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;
const CALENDAR_DATE = /^\d{4}-\d{2}-\d{2}$/;

export function formatsOf(language: Language, timeZone: string, t: L10n["t"]): Formats {
  const locale = LOCALES[language];
  const memo = new Map<string, Intl.NumberFormat>();
  const numbers = (options: Intl.NumberFormatOptions) => {
    const key = JSON.stringify(options);
    const known = memo.get(key) ?? new Intl.NumberFormat(locale, options);
    memo.set(key, known);
    return known;
  };
  const zoned = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { timeZone, ...options });
  const plain = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
  const both = (options: Intl.DateTimeFormatOptions) => [zoned(options), plain(options)] as const;
  const dates = both({ day: "numeric", month: "short", year: "numeric" });
  const shortDates = both({ day: "numeric", month: "short" });
  const dateTimes = zoned({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const times = zoned({ hour: "2-digit", minute: "2-digit" });
  const relatives = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const lists = new Intl.ListFormat(locale);

  const day = ([ofMoment, ofDate]: readonly [Intl.DateTimeFormat, Intl.DateTimeFormat], value: Maybe<string>) => {
    if (!value) return NOTHING;
    return CALENDAR_DATE.test(value) ? ofDate.format(new Date(`${value}T00:00:00Z`)) : ofMoment.format(new Date(value));
  };

  return {
    number: (value, digits = 0) =>
      value == null ? NOTHING : numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value),
    percent: (share) => (share == null ? NOTHING : numbers({ style: "percent", maximumFractionDigits: 0 }).format(share)),
    money: (amount, currency) => {
      if (amount == null) return NOTHING;
      try {
        return numbers(
          currency ? { style: "currency", currency, maximumFractionDigits: 0 } : { maximumFractionDigits: 0 },
        ).format(amount);
      } catch {
        // A currency that ISO 4217 does not know stands as the CRM wrote it.
        return `${currency ?? ""} ${numbers({ maximumFractionDigits: 0 }).format(amount)}`.trim();
      }
    },
    hours: (hours) =>
      hours == null
        ? NOTHING
        : t("format-hours", { hours: numbers({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(hours) }),
    minutesAsHours: (minutes) =>
      minutes == null ? NOTHING : numbers({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(minutes / 60),
    date: (value) => day(dates, value),
    shortDate: (value) => day(shortDates, value),
    dateTime: (moment) => (moment ? dateTimes.format(new Date(moment)) : NOTHING),
    time: (moment) => (moment ? times.format(new Date(moment)) : NOTHING),
    relative: (moment, asOf) => {
      if (!moment) return NOTHING;
      const days = Math.round((startOfDay(moment, timeZone) - startOfDay(asOf, timeZone)) / DAY_MS);
      if (Math.abs(days) < 14) return relatives.format(days, "day");
      if (Math.abs(days) < 70) return relatives.format(Math.round(days / 7), "week");
      return Math.abs(days) < 730
        ? relatives.format(Math.round(days / 30.44), "month")
        : relatives.format(Math.round(days / 365.25), "year");
    },
    ago: (seconds) => {
      if (seconds == null) return NOTHING;
      const [unit, count] = inUnits(seconds);
      return relatives.format(-count, unit);
    },
    duration: (seconds) => {
      if (seconds == null) return NOTHING;
      const [unit, count] = inUnits(seconds);
      return numbers({ style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(count);
    },
    list: (items) => lists.format(items),
  };
}

/** A length of time in the largest unit that it fills, rounded; one that rounds up to the next unit is told in that. */
function inUnits(seconds: number): [(typeof UNITS)[number][0], number] {
  const [unit, size] = UNITS.find(([, size], i) => {
    const larger = UNITS[i + 1]?.[1] ?? 1;
    return seconds >= size - larger / 2;
  }) ?? ["second", 1];
  return [unit, Math.round(seconds / size)];
}

/** The local day of a moment, as UTC midnight in milliseconds. */
function startOfDay(moment: string, timeZone: string): number {
  return Date.parse(`${localDay(moment, timeZone)}T00:00:00Z`);
}

/** The local calendar date (YYYY-MM-DD) of a moment. */
export function localDay(moment: string, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    new Date(moment),
  );
}
