import { Link } from "@tanstack/react-router";
import type { SimilarDeals } from "@/api/insights.ts";
import { StateBox } from "@/components/StateBox.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./Figures.module.css";

/** Rows that are shown; the averages rest on all of them. */
const ROWS_MAX = 10;

const FIELDS: Record<string, MessageId> = {
  industry: "similar-field-industry",
  estimated_revenue: "similar-field-revenue",
  team: "similar-field-team",
  currency: "similar-field-currency",
};

interface Props {
  similar: SimilarDeals | undefined;
  problem: Error | null;
  retry: () => void;
}

/** Won deals that resemble this one, and what the likeness rests on. */
export function SimilarDealsWidget({ similar, problem, retry }: Props) {
  const { t } = useL10n();
  const { list, percent } = useFormats();
  const fields = similar?.fields.map(
    ({ name, weight }) => `${FIELDS[name] ? t(FIELDS[name]) : name.replace("account.", "")} ${percent(weight)}`,
  );
  return (
    <Widget
      name="similar-deals"
      title={t("widget-similar")}
      subtitle={
        similar?.basis
          ? t(similar.basis === "similar" ? "similar-basis-similar" : "similar-basis-largest", { fields: list(fields ?? []) })
          : undefined
      }
      info={{ what: t("widget-similar-what"), how: t("widget-similar-how"), data: t("widget-similar-data") }}
      asOf={similar?.as_of}
      isLoading={!similar}
      problem={similar ? null : problem}
      retry={retry}
    >
      {similar ? <Content similar={similar} /> : null}
    </Widget>
  );
}

function Content({ similar }: { similar: SimilarDeals }) {
  const { t } = useL10n();
  const { number, hours, percent, date } = useFormats();
  if (similar.state === "switched_off") return <StateBox isSmall title={t("similar-off")} text={t("similar-off-text")} />;
  if (similar.state === "too_few_closed_deals" || similar.deals.length === 0) {
    const counts = { needed: number(similar.needed), won: number(similar.won), lost: number(similar.lost) };
    return <StateBox isSmall title={t("similar-too-few")} text={t("similar-too-few-text", counts)} />;
  }
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t("similar-table")}>
      <table className={styles.table}>
        <thead>
          <tr>
            {(
              [
                "similar-name",
                "similar-likeness",
                "similar-activities",
                "similar-time",
                "similar-response",
                "similar-rate",
                "similar-closed",
              ] as const
            ).map((label) => (
              <th key={label} scope="col">
                {t(label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {similar.deals.slice(0, ROWS_MAX).map((deal) => (
            <tr key={deal.id}>
              <th scope="row">
                <Link to="/$table/$id" params={{ table: "opportunities", id: deal.id }}>
                  {deal.name}
                </Link>
                <div className={styles.note}>{deal.account}</div>
              </th>
              <td>{percent(deal.similarity)}</td>
              <td>{number(deal.activities)}</td>
              <td>{hours(deal.time_spent_by_us_min == null ? null : deal.time_spent_by_us_min / 60)}</td>
              <td>{hours(deal.response_time_by_us_h)}</td>
              <td>{percent(deal.response_rate_by_us)}</td>
              <td>{date(deal.closed_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {similar.deals.length > ROWS_MAX ? (
        <p className={styles.note}>{t("similar-more", { count: number(similar.deals.length - ROWS_MAX) })}</p>
      ) : null}
    </div>
  );
}
