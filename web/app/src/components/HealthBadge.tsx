import { mergeClasses } from "@fluentui/react-components";
import { asHealthState, type HealthState } from "@/api/words.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./HealthBadge.module.css";
import { HEALTH_LABELS } from "./labels.ts";

interface Props {
  state: string;
  score?: number | null;
  className?: string;
}

const DOTS: Partial<Record<HealthState, string>> = { good: styles.good, fair: styles.fair, poor: styles.poor };

/** Health as a dot, its word and, where there is one, the score: never by colour alone. */
export function HealthBadge({ state, score, className }: Props) {
  const { t } = useL10n();
  const { number } = useFormats();
  const known = asHealthState(state);
  return (
    <span className={mergeClasses(styles.badge, className)}>
      <span aria-hidden className={mergeClasses(styles.dot, DOTS[known])} />
      <span className={styles.word}>{t(HEALTH_LABELS[known])}</span>
      {score == null ? null : <span className={styles.score}>{number(score)}</span>}
    </span>
  );
}
