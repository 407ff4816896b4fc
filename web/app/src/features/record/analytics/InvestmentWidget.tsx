import { Donut } from "@/components/charts/Donut.tsx";
import { Figure } from "@/components/Figure.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./Figures.module.css";
import { wonAverage, type ComparedProps, type Side } from "./props.ts";
import { useMinutes } from "./useSettingNumber.ts";
import { Unavailable } from "./Unavailable.tsx";

/** Hours that one side spent, as a share of both sides' hours, and beside similar won deals. */
export function InvestmentWidget({ insights, asOf, similar, side }: ComparedProps & { side: Side }) {
  const { t } = useL10n();
  const { hours, percent } = useFormats();
  const emailMinutes = useMinutes();
  const isOurs = side === "us";
  const name = isOurs ? "time_spent_by_us_min" : "time_spent_by_them_min";
  const minutes = insights?.kpis[name] ?? 0;
  const both = (insights?.kpis.time_spent_by_us_min ?? 0) + (insights?.kpis.time_spent_by_them_min ?? 0);
  const share = both > 0 ? minutes / both : null;
  const reason = insights?.unavailable[name];
  const won = wonAverage(similar, name);
  return (
    <Widget
      name={isOurs ? "investment-us" : "investment-them"}
      title={t(isOurs ? "widget-investment-us" : "widget-investment-them")}
      info={{
        what: t(isOurs ? "widget-investment-us-what" : "widget-investment-them-what"),
        how: t("widget-investment-how", emailMinutes),
        data: t("widget-investment-data"),
      }}
      asOf={asOf}
      isLoading={!insights}
    >
      {reason ? (
        <Unavailable reason={reason} />
      ) : (
        <div className={styles.donuts}>
          <span aria-hidden className={styles.donut}>
            <Donut share={share ?? 0} color={isOurs ? "var(--rapport-us)" : "var(--rapport-them)"} text={percent(share)} />
          </span>
          <div>
            <Figure path={`kpis.${name}`} value={minutes} className={styles.big}>
              {hours(minutes / 60)}
            </Figure>
            <p className={styles.note}>
              {share === null ? t("investment-none") : t("investment-share", { share: percent(share) })}
            </p>
            {won === null ? null : <p className={styles.note}>{t("investment-won", { hours: hours(won / 60) })}</p>}
          </div>
        </div>
      )}
    </Widget>
  );
}
