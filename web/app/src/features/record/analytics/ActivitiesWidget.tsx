import { BarLegend } from "@/components/charts/Bars.tsx";
import { ChartTable } from "@/components/charts/ChartTable.tsx";
import { StackedDays } from "@/components/charts/StackedDays.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import type { WidgetProps } from "./props.ts";
import { Unavailable } from "./Unavailable.tsx";

type SeriesName =
  "emails_sent" | "emails_received" | "meetings_sent" | "meetings_received" | "phone_calls_made" | "phone_calls_received";

const SERIES: { name: SeriesName; label: MessageId; color: string }[] = [
  { name: "emails_sent", label: "series-emails-sent", color: "var(--rapport-emails-sent)" },
  { name: "emails_received", label: "series-emails-received", color: "var(--rapport-emails-received)" },
  { name: "meetings_sent", label: "series-meetings-sent", color: "var(--rapport-meetings-sent)" },
  { name: "meetings_received", label: "series-meetings-received", color: "var(--rapport-meetings-received)" },
  { name: "phone_calls_made", label: "series-calls-made", color: "var(--rapport-phone-calls-made)" },
  { name: "phone_calls_received", label: "series-calls-received", color: "var(--rapport-phone-calls-received)" },
];

/** Sixty days of activity, stacked by day in six series. */
export function ActivitiesWidget({ insights, asOf }: WidgetProps) {
  const { t } = useL10n();
  const { number, date } = useFormats();
  const days = insights?.activity_by_day ?? [];
  const series = SERIES.map(({ name, label, color }) => ({ label: t(label), color, values: days.map((day) => day[name] ?? 0) }));
  const busy = days.filter((day) => SERIES.some(({ name }) => (day[name] ?? 0) > 0));
  return (
    <Widget
      name="activities"
      title={t("widget-activities")}
      info={{ what: t("widget-activities-what"), how: t("widget-activities-how"), data: t("widget-activities-data") }}
      asOf={asOf}
      isLoading={!insights}
    >
      <ChartTable
        caption={t("activities-caption")}
        head={[t("column-day"), ...series.map(({ label }) => label)]}
        rows={busy.toReversed().map((day) => [date(day.date), ...SERIES.map(({ name }) => number(day[name]))])}
      >
        <StackedDays days={days.map((day) => day.date)} series={series} />
        <BarLegend entries={series} />
      </ChartTable>
      {insights?.unavailable.activity_by_day ? <Unavailable reason={insights.unavailable.activity_by_day} /> : null}
      {insights && busy.length === 0 ? <p>{t("activities-none")}</p> : null}
    </Widget>
  );
}
