import type { Condition, Op } from "@/api/lists.ts";
import { asHealthState, asKind, asTrend } from "@/api/words.ts";
import { HEALTH_LABELS, KIND_LABELS, statusLabel, TREND_LABELS } from "@/components/labels.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import type { ListColumn } from "./columns.ts";

const OPS: Record<Op, MessageId> = {
  is: "condition-is",
  contains: "condition-contains",
  in: "condition-is",
  ge: "condition-from",
  le: "condition-to",
  le_or_empty: "condition-to-or-empty",
  empty: "condition-empty",
  not_empty: "condition-not-empty",
};

/** A condition in words: "Health from 40". */
export function useConditionText(): (condition: Condition, column: ListColumn | undefined) => string {
  const { t } = useL10n();
  const formats = useFormats();
  const word = (column: ListColumn | undefined, text: string): string => {
    if (column?.name === "health_state") return t(HEALTH_LABELS[asHealthState(text)]);
    if (column?.kind === "trend") return t(TREND_LABELS[asTrend(text)]);
    if (column?.kind === "kind") return t(KIND_LABELS[asKind(text)]);
    if (column?.kind === "status") return t(statusLabel(text));
    return column?.kind === "date" || column?.kind === "moment" ? formats.date(text) : text;
  };
  const written = (column: ListColumn | undefined, value: string | number): string => {
    if (typeof value === "string") return word(column, value);
    if (column?.kind === "share") return formats.percent(value);
    return column?.kind === "minutes" ? formats.minutesAsHours(value) : formats.number(value);
  };
  return ({ column: name, op, value }, column) => {
    const label = column ? t(column.label) : name;
    const values = (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((one) => written(column, one));
    return t(OPS[op], { column: label, value: formats.list(values) });
  };
}
