import { BarLegend, Bars, type Bar } from "@/components/charts/Bars.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { wonAverage, type ComparedProps } from "./props.ts";
import { Unavailable } from "./Unavailable.tsx";

type Counted =
  "emails_sent" | "emails_received" | "meetings_sent" | "meetings_received" | "phone_calls_made" | "phone_calls_received";

const KINDS: { label: MessageId; sent: Counted; received: Counted }[] = [
  { label: "kpi-emails", sent: "emails_sent", received: "emails_received" },
  { label: "kpi-meetings", sent: "meetings_sent", received: "meetings_received" },
  { label: "kpi-phone-calls", sent: "phone_calls_made", received: "phone_calls_received" },
];

const [OURS, THEIRS, WON] = ["var(--rapport-us)", "var(--rapport-them)", "var(--rapport-none)"];

/** Emails, meetings and phone calls of both sides; on opportunities beside similar won deals. */
export function InteractionsWidget({ insights, asOf, similar }: ComparedProps) {
  const { t } = useL10n();
  const { number } = useFormats();
  const wonDeals = similar?.comparison.emails_sent?.n ?? 0;
  const wonLabel = t("won-average", { n: wonDeals, count: number(wonDeals) });
  return (
    <Widget
      name="interactions"
      title={t("widget-interactions")}
      info={{ what: t("widget-interactions-what"), how: t("widget-interactions-how"), data: t("widget-interactions-data") }}
      asOf={asOf}
      isLoading={!insights}
    >
      {insights ? (
        <>
          <Bars
            groups={KINDS.map(({ label, sent, received }) => {
              const bar = (name: Counted, side: MessageId, color: string): Bar => {
                const value = insights.kpis[name];
                return { label: t(side), value: value ?? 0, text: number(value), color, path: `kpis.${name}` };
              };
              const bars = [bar(sent, "side-us", OURS), bar(received, "side-them", THEIRS)];
              const [wonSent, wonReceived] = [wonAverage(similar, sent), wonAverage(similar, received)];
              if (wonSent !== null && wonReceived !== null) {
                const value = wonSent + wonReceived;
                bars.push({ label: wonLabel, value, text: number(value, 1), color: WON });
              }
              return { label: t(label), bars };
            })}
          />
          {insights.unavailable.emails_sent ? <Unavailable reason={insights.unavailable.emails_sent} /> : null}
          <BarLegend
            entries={[
              { label: t("side-us"), color: OURS },
              { label: t("side-them"), color: THEIRS },
              ...(wonDeals > 0 ? [{ label: wonLabel, color: WON }] : []),
            ]}
          />
        </>
      ) : null}
    </Widget>
  );
}
