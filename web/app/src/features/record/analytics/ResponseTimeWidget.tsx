import { Figure } from "@/components/Figure.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./Figures.module.css";
import { wonAverage, type ComparedProps, type Side } from "./props.ts";
import { ResponseScale } from "./ResponseScale.tsx";
import { Unavailable } from "./Unavailable.tsx";
import { useSettingNumber } from "./useSettingNumber.ts";

/** How long one side takes to answer, and what it has not answered. */
export function ResponseTimeWidget({ insights, asOf, similar, side }: ComparedProps & { side: Side }) {
  const { t } = useL10n();
  const { hours, number, percent } = useFormats();
  const withinHours = useSettingNumber("kpis.response_within_h");
  const isOurs = side === "us";
  const name = isOurs ? "response_time_by_us_h" : "response_time_by_them_h";
  const rateName = isOurs ? "response_rate_by_us" : "response_rate_by_them";
  const time = insights?.kpis[name];
  const rate = insights?.kpis[rateName];
  const won = wonAverage(similar, name);
  const rateLabel =
    withinHours === null
      ? t("response-rate")
      : withinHours % 24 === 0
        ? t("response-rate-days", { days: withinHours / 24 })
        : t("response-rate-hours", { hours: withinHours });
  return (
    <Widget
      name={isOurs ? "response-time-us" : "response-time-them"}
      title={t(isOurs ? "widget-response-us" : "widget-response-them")}
      info={{
        what: t(isOurs ? "widget-response-us-what" : "widget-response-them-what"),
        how: t("widget-response-how"),
        data: t("widget-response-data"),
      }}
      asOf={asOf}
      isLoading={!insights}
    >
      {time ? (
        <>
          <Figure path={`kpis.${name}.p50`} value={time.p50} className={styles.big}>
            {hours(time.p50)}
          </Figure>
          <p className={styles.note}>{t(time.n === 0 ? "response-no-answer" : "response-median")}</p>
          <ResponseScale time={time} won={won} color={isOurs ? "var(--rapport-us)" : "var(--rapport-them)"} />
          {won === null ? null : <p className={styles.note}>{t("response-won", { hours: hours(won) })}</p>}
          <dl className={styles.facts}>
            {(
              [
                [t("response-mean"), `${name}.mean`, time.mean, hours(time.mean), "mean"],
                [t("response-p90"), `${name}.p90`, time.p90, hours(time.p90), "p90"],
                [t("response-km"), `${name}.km_p50`, time.km_p50, hours(time.km_p50)],
                [t("response-business"), `${name}.business.p50`, time.business?.p50, hours(time.business?.p50)],
                [t("response-answered"), `${name}.n`, time.n, number(time.n)],
                [t("response-unanswered"), `${name}.unanswered`, time.unanswered, number(time.unanswered)],
                [rateLabel, rateName, rate, percent(rate)],
              ] as const
            ).map(([label, path, value, text, mark]) => (
              <div key={path}>
                <dt data-mark={mark}>{label}</dt>
                <dd>
                  <Figure path={`kpis.${path}`} value={value}>
                    {text}
                  </Figure>
                </dd>
              </div>
            ))}
          </dl>
          {time.estimated?.p50 == null ? null : (
            <p className={styles.note}>
              {t("response-estimated", {
                hours: hours(time.estimated.p50),
                pairs: number(time.estimated.n),
                chance: percent(time.estimated.chance_share),
              })}
            </p>
          )}
        </>
      ) : (
        <Unavailable reason={insights?.unavailable[name]} />
      )}
    </Widget>
  );
}
