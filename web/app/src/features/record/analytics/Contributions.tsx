import type { Health } from "@/api/insights.ts";
import { asKind, KINDS } from "@/api/words.ts";
import { BarLegend } from "@/components/charts/Bars.tsx";
import { ChartTable } from "@/components/charts/ChartTable.tsx";
import { KIND_LABELS } from "@/components/labels.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ContributionBars, KIND_COLORS } from "./ContributionBars.tsx";
import styles from "./WhyScoreWidget.module.css";

/** What each day with contact adds: a chart, and a table whose last column adds up to the memory. */
export function Contributions({ health }: { health: Health }) {
  const { t } = useL10n();
  const { number, date } = useFormats();
  const { contributions, memory } = health;
  const rows = contributions.map((part) => [
    date(part.date),
    t(KIND_LABELS[asKind(part.kind)]),
    number(part.age_days),
    number(part.weight, 2),
    number(part.value, 3),
  ]);
  const seen = KINDS.filter((kind) => contributions.some((part) => part.kind === kind));
  return (
    <>
      <h4 className={styles.heading}>{t("why-contributions")}</h4>
      <p className={styles.text}>
        {t("why-contributions-text", { n: contributions.length, days: number(contributions.length), memory: number(memory, 3) })}
      </p>
      <ChartTable
        caption={t("why-contributions")}
        head={[t("column-day"), t("column-kind"), t("why-age"), t("why-weight"), t("why-value")]}
        rows={[...rows, [t("why-sum"), "", "", "", number(memory, 3)]]}
      >
        <ContributionBars contributions={contributions} />
        <BarLegend entries={seen.map((kind) => ({ label: t(KIND_LABELS[kind]), color: KIND_COLORS[kind] }))} />
      </ChartTable>
    </>
  );
}
