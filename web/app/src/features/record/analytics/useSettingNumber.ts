import { useQuery } from "@tanstack/react-query";
import { settingsQuery } from "@/api/settings.ts";
import { useFormats } from "@/i18n/L10nContext.tsx";

/** A setting that is a number, as it holds now; null while it is not known. */
export function useSettingNumber(key: string): number | null {
  const value = useQuery(settingsQuery()).data?.items.find((setting) => setting.key === key)?.value;
  const number = Number(value);
  return value === undefined || Number.isNaN(number) ? null : number;
}

/** What an email costs, for texts that explain hours. */
export function useMinutes(): { sender: string; reader: string } {
  const { number } = useFormats();
  const write = (minutes: number | null) => number(minutes, Number.isInteger(minutes) ? 0 : 1);
  return { sender: write(useSettingNumber("kpis.email_sender_min")), reader: write(useSettingNumber("kpis.email_reader_min")) };
}
