import { Bars } from "@/components/charts/Bars.tsx";
import { Figure } from "@/components/Figure.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./Figures.module.css";
import { wonAverage, type ComparedProps, type Side } from "./props.ts";
import { Unavailable } from "./Unavailable.tsx";

/** Emails that one side sent for each that it received. */
export function RatioWidget({ insights, asOf, similar, side }: ComparedProps & { side: Side }) {
  const { t } = useL10n();
  const { number, percent } = useFormats();
  const isOurs = side === "us";
  const name = isOurs ? "send_receive_ratio_by_us" : "send_receive_ratio_by_them";
  const ratio = insights?.kpis[name];
  const won = wonAverage(similar, name);
  const [sent, received] = [insights?.kpis.emails_sent ?? 0, insights?.kpis.emails_received ?? 0];
  const [own, other] = isOurs ? [sent, received] : [received, sent];
  const bar = (label: string, value: number, isUs: boolean) => ({
    label,
    bars: [
      {
        label: t(isUs ? "side-us" : "side-them"),
        value,
        text: number(value),
        color: isUs ? "var(--rapport-us)" : "var(--rapport-them)",
      },
    ],
  });
  return (
    <Widget
      name={isOurs ? "ratio-us" : "ratio-them"}
      title={t(isOurs ? "widget-ratio-us" : "widget-ratio-them")}
      info={{
        what: t(isOurs ? "widget-ratio-us-what" : "widget-ratio-them-what"),
        how: t("widget-ratio-how"),
        data: t("widget-ratio-data"),
      }}
      asOf={asOf}
      isLoading={!insights}
    >
      {ratio == null ? (
        <Unavailable reason={insights?.unavailable[name]} />
      ) : (
        <>
          <Figure path={`kpis.${name}`} value={ratio} className={styles.big}>
            {percent(ratio)}
          </Figure>
          <p className={styles.note}>{won === null ? t("ratio-note") : t("ratio-won", { share: percent(won) })}</p>
          <div className={styles.bars}>
            <Bars groups={[bar(t("ratio-sent"), own, isOurs), bar(t("ratio-received"), other, !isOurs)]} />
          </div>
        </>
      )}
    </Widget>
  );
}
