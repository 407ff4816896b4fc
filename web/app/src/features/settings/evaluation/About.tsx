import { mergeClasses } from "@fluentui/react-components";
import { useL10n } from "@/i18n/L10nContext.tsx";
import settings from "../Settings.module.css";
import styles from "./Evaluation.module.css";

const METRICS = ["roc_auc", "pr_auc", "brier", "calibration_error", "mrr", "ndcg_5", "hit_1"];
const MEASURES = [
  "likelihood_30d",
  "likelihood_calibrated",
  "score",
  "strength",
  "activity",
  "directness",
  "mutuality",
  "days_since_last",
  "messages",
  "decayed_count",
  "interactions_rank",
  "bgnbd_alive",
  "bgnbd_expected",
];

/** What the words of the tables mean, each in a line. */
export function About() {
  const { t } = useL10n();
  const terms = [
    ...METRICS.map((name) => [name, t("evaluation-metric", { name })] as const),
    ...MEASURES.map((name) => [name, t("evaluation-measure", { name })] as const),
  ];
  return (
    <details className={mergeClasses(settings.panel, styles.about)}>
      <summary>{t("evaluation-about")}</summary>
      <dl className={settings.facts}>
        {terms.map(([name, label]) => (
          <div key={name}>
            <dt>{label}</dt>
            <dd>{t("evaluation-about-text", { name })}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
