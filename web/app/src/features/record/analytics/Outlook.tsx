import { CheckmarkCircleRegular, WarningRegular } from "@fluentui/react-icons";
import type { Health } from "@/api/insights.ts";
import { Figure } from "@/components/Figure.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./HealthWidget.module.css";

/** From this likelihood on a relationship is likely to last. */
const LIKELY = 0.5;
/** At most this share of past silences was as long: the present one is unusual. */
const UNUSUAL = 0.2;

/** Whether there will be contact in the next 30 days, and whether the present silence is like others before it. */
export function Outlook({ health: { likelihood_30d, silence_surprise, contributions } }: { health: Health }) {
  const { t } = useL10n();
  const { percent } = useFormats();
  const isLikely = likelihood_30d != null && likelihood_30d >= LIKELY;
  return (
    <>
      {likelihood_30d == null ? null : (
        <p className={styles.outlook} data-likely={isLikely}>
          {isLikely ? <CheckmarkCircleRegular aria-hidden /> : <WarningRegular aria-hidden />}
          <Figure path="health.likelihood_30d" value={likelihood_30d}>
            {t(isLikely ? "health-likely" : "health-at-risk", { share: percent(likelihood_30d) })}
          </Figure>
        </p>
      )}
      {silence_surprise == null ? null : (
        <p className={styles.text}>
          <Figure path="health.silence_surprise" value={silence_surprise}>
            {t(silenceText(silence_surprise, contributions), { share: percent(silence_surprise) })}
          </Figure>
        </p>
      )}
    </>
  );
}

function silenceText(surprise: number, contributions: Health["contributions"]): MessageId {
  // Nobody has been silent who was in touch today, and one day has no silences to compare with.
  if (contributions[0]?.age_days === 0) return "health-silence-none";
  if (contributions.length < 2) return "health-silence-unknown";
  return surprise <= UNUSUAL ? "health-silence-unusual" : "health-silence-usual";
}
