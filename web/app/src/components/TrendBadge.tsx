import { ArrowDownRightRegular, ArrowRightRegular, ArrowUpRightRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { asTrend, type Trend } from "@/api/words.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { TREND_LABELS } from "./labels.ts";
import styles from "./TrendBadge.module.css";

const ARROWS: Partial<Record<Trend, ReactNode>> = {
  improving: <ArrowUpRightRegular aria-hidden className={styles.improving} />,
  steady: <ArrowRightRegular aria-hidden />,
  declining: <ArrowDownRightRegular aria-hidden className={styles.declining} />,
};

/** Trend as an arrow and its word. */
export function TrendBadge({ trend }: { trend: string }) {
  const { t } = useL10n();
  const known = asTrend(trend);
  return (
    <span className={styles.badge}>
      {ARROWS[known]}
      <span>{t(TREND_LABELS[known])}</span>
    </span>
  );
}
