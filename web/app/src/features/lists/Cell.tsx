import type { ListItem } from "@/api/lists.ts";
import { asKind } from "@/api/words.ts";
import { HealthBadge } from "@/components/HealthBadge.tsx";
import { KIND_LABELS, statusLabel } from "@/components/labels.ts";
import { TrendBadge } from "@/components/TrendBadge.tsx";
import { NOTHING } from "@/i18n/formats.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { ListColumn } from "./columns.ts";

/** What a row says in a column, as its kind is written. */
export function Cell({ column, row }: { column: ListColumn; row: ListItem }) {
  const { t } = useL10n();
  const formats = useFormats();
  const value = row[column.name];
  if (column.kind === "health") return <HealthBadge state={row.health_state} score={row.health_score} />;
  if (column.kind === "trend") return <TrendBadge trend={row.health_trend} />;
  if (value == null || value === "") return <>{NOTHING}</>;
  if (typeof value === "number") {
    if (column.kind === "money") return <>{formats.money(value, row.currency)}</>;
    if (column.kind === "share") return <>{formats.percent(value)}</>;
    if (column.kind === "minutes") return <>{formats.minutesAsHours(value)}</>;
    return <>{column.kind === "hours" ? formats.number(value, 2) : formats.number(value)}</>;
  }
  if (column.kind === "moment") return <>{formats.dateTime(value)}</>;
  if (column.kind === "date") return <>{formats.date(value)}</>;
  if (column.kind === "kind") return <>{t(KIND_LABELS[asKind(value)])}</>;
  if (column.kind === "status") return <>{t(statusLabel(value))}</>;
  return <>{value}</>;
}
