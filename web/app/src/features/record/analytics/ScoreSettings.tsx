import type { Health } from "@/api/insights.ts";
import { KINDS } from "@/api/words.ts";
import { KIND_LABELS } from "@/components/labels.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./WhyScoreWidget.module.css";

/** The settings that the score was computed with. */
export function ScoreSettings({ health: { model, settings } }: { health: Health }) {
  const { t } = useL10n();
  const { number, percent, list } = useFormats();
  const moved = KINDS.filter((kind) => settings.influence[kind] !== 0).map((kind) => {
    const sign = settings.influence[kind] > 0 ? "+" : "";
    return `${t(KIND_LABELS[kind])} ${sign}${percent(settings.influence[kind] / 100)}`;
  });
  return (
    <>
      <h4 className={styles.heading}>{t("why-settings")}</h4>
      <ul className={styles.settings}>
        <li>{t("why-settings-model", { model })}</li>
        <li>{t("why-settings-frequency", { days: settings.frequency_days })}</li>
        <li>{t("why-settings-grades", { good: number(settings.grade_good), fair: number(settings.grade_fair) })}</li>
        <li>{moved.length > 0 ? t("why-settings-influence", { influences: list(moved) }) : t("why-settings-no-influence")}</li>
      </ul>
    </>
  );
}
