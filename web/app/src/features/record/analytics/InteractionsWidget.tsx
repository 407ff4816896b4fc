import { BarLegend, Bars, type Bar } from "@/components/charts/Bars.tsx";
import { ChartTable } from "@/components/charts/ChartTable.tsx";
import { Figure } from "@/components/Figure.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { wonAverage, type ComparedProps } from "./props.ts";
import styles from "./Figures.module.css";

type Counted =
  "emails_sent" | "emails_received" | "meetings_sent" | "meetings_received" | "phone_calls_made" | "phone_calls_received";

const KINDS: { label: MessageId; sent: Counted; received: Counted }[] = [
  { label: "kpi-emails", sent: "emails_sent", received: "emails_received" },
  { label: "kpi-meetings", sent: "meetings_sent", received: "meetings_received" },
  { label: "kpi-phone-calls", sent: "phone_calls_made", received: "phone_calls_received" },
];

/** Emails, meetings and phone calls of both sides; on opportunities beside similar won deals. */
export function InteractionsWidget({ insights, asOf, similar }: ComparedProps) {
  const { t } = useL10n();
  const { number } = useFormats();
  const kpis = insights?.kpis;
  const groups = KINDS.map(({ label, sent, received }) => {
    const [ours, theirs] = [kpis?.[sent] ?? 0, kpis?.[received] ?? 0];
    const [wonOurs, wonTheirs] = [wonAverage(similar, sent), wonAverage(similar, received)];
    const bars: Bar[] = [
      { label: t("side-us"), value: ours, text: number(ours), color: "var(--rapport-us)" },
      { label: t("side-them"), value: theirs, text: number(theirs), color: "var(--rapport-them)" },
    ];
    const won = wonOurs === null || wonTheirs === null ? null : wonOurs + wonTheirs;
    if (won !== null) bars.push({ label: t("won-average"), value: won, text: number(won, 1), color: "var(--rapport-none)" });
    return { label: t(label), bars, sent, received, ours, theirs, won };
  });
  const hasWon = groups.some(({ won }) => won !== null);
  const legend = [
    { label: t("side-us"), color: "var(--rapport-us)" },
    { label: t("side-them"), color: "var(--rapport-them)" },
    ...(hasWon ? [{ label: t("won-average"), color: "var(--rapport-none)" }] : []),
  ];
  return (
    <Widget
      name="interactions"
      title={t("widget-interactions")}
      info={{ what: t("widget-interactions-what"), how: t("widget-interactions-how"), data: t("widget-interactions-data") }}
      asOf={asOf}
      isLoading={!insights}
    >
      <ChartTable
        caption={t("widget-interactions")}
        head={[t("column-kind"), ...legend.map(({ label }) => label)]}
        rows={groups.map(({ label, bars }) => [label, ...bars.map(({ text }) => text)])}
      >
        <Bars groups={groups} />
        <BarLegend entries={legend} />
      </ChartTable>
      <p className={styles.total}>
        {groups.map(({ label, sent, received, ours, theirs }) => (
          <span key={label}>
            <Figure path={`kpis.${sent}`} value={ours}>
              {number(ours)}
            </Figure>
            {" + "}
            <Figure path={`kpis.${received}`} value={theirs}>
              {number(theirs)}
            </Figure>
            {` ${label}`}
          </span>
        ))}
      </p>
    </Widget>
  );
}
