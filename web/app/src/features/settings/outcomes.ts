import type { Formats } from "@/i18n/formats.ts";
import type { L10n } from "@/i18n/l10n.ts";

const SHAPE = /^(?:(\d+) addresses, )?(\d+) records, (\d+) interactions$/;

/** What came of a request, in words; what is not known is told as it is. */
export function outcomeText(t: L10n["t"], number: Formats["number"], outcome: string): string {
  if (outcome === "erased") return t("requests-outcome-erased");
  const found = SHAPE.exec(outcome);
  if (!found) return outcome;
  const [, addresses, records, interactions] = found;
  const counts = { records: number(Number(records)), interactions: number(Number(interactions)) };
  return addresses === undefined
    ? t("requests-outcome", counts)
    : t("requests-outcome-addresses", { ...counts, addresses: number(Number(addresses)) });
}
