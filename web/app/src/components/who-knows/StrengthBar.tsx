import { asTieGrade } from "@/api/words.ts";
import { TIE_GRADE_LABELS } from "@/components/labels.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./StrengthBar.module.css";

const SEGMENTS = [0, 20, 40, 60, 80];

/** A strength of 0 to 100 as five segments, its word and its number; of whom is asked first, the word alone. */
export function StrengthBar({ strength, grade }: { strength: number | null | undefined; grade: string }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const known = asTieGrade(grade);
  return (
    <span className={styles.strength} data-grade={known}>
      {strength == null ? null : (
        <span aria-hidden className={styles.bar}>
          {SEGMENTS.map((from) => (
            <span key={from} className={styles.segment}>
              <span className={styles.filled} style={{ width: `${Math.max(0, Math.min(1, (strength - from) / 20)) * 100}%` }} />
            </span>
          ))}
        </span>
      )}
      <span className={styles.text}>
        {t(TIE_GRADE_LABELS[known])} {strength == null ? null : number(strength)}
      </span>
    </span>
  );
}
