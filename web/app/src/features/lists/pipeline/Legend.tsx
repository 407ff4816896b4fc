import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./Legend.module.css";

const ENTRIES: [MessageId, string][] = [
  ["health-good", "var(--rapport-good)"],
  ["health-fair", "var(--rapport-fair)"],
  ["health-poor", "var(--rapport-poor)"],
  ["pipeline-pending", "var(--rapport-pending)"],
  ["pipeline-none", "var(--rapport-none)"],
];

/** What the colours mean; the size is told in words. */
export function Legend() {
  const { t } = useL10n();
  return (
    <ul className={styles.legend}>
      {ENTRIES.map(([label, color]) => (
        <li key={label} className={styles.entry}>
          <span aria-hidden className={styles.dot} style={{ background: color }} />
          {t(label)}
        </li>
      ))}
      <li className={styles.entry}>{t("pipeline-size")}</li>
    </ul>
  );
}
