import { Link } from "@tanstack/react-router";
import type { Insights, Occurrence } from "@/api/insights.ts";
import { asTable } from "@/api/words.ts";
import { Figure } from "@/components/Figure.tsx";
import { KindIcon } from "@/components/KindIcon.tsx";
import { NOTHING } from "@/i18n/formats.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./HealthWidget.module.css";

/** What comes next and what was last; both lead to the timeline. */
export function Occurrences({ insights }: { insights: Insights }) {
  const { t } = useL10n();
  const { next_interaction, last_interaction } = insights.kpis;
  // Works council mode does not tell it of the past; that is not the same as nothing planned.
  const isNextTold = insights.unavailable.next_interaction === undefined;
  return (
    <dl className={styles.occurrences}>
      <dt>{t("health-next")}</dt>
      <dd>
        <When
          path="kpis.next_interaction.at"
          occurrence={next_interaction}
          insights={insights}
          absent={isNextTold ? t("health-not-scheduled") : NOTHING}
        />
      </dd>
      <dt>{t("health-last")}</dt>
      <dd>
        <When path="kpis.last_interaction.at" occurrence={last_interaction} insights={insights} absent={NOTHING} />
      </dd>
    </dl>
  );
}

interface WhenProps {
  path: string;
  occurrence: Occurrence | null | undefined;
  insights: Insights;
  absent: string;
}

function When({ path, occurrence, insights, absent }: WhenProps) {
  const { dateTime, relative } = useFormats();
  const table = asTable(insights.table);
  if (!occurrence || !table) return absent;
  return (
    <>
      <span className={styles.moment}>
        <KindIcon kind={occurrence.kind} />
        <Link to="/$table/$id" params={{ table, id: insights.id }} search={({ as_of }) => ({ as_of })}>
          <Figure path={path} value={occurrence.at}>
            {dateTime(occurrence.at)}
          </Figure>
        </Link>
      </span>
      <span className={styles.subject}>{relative(occurrence.at, insights.as_of)}</span>
      {occurrence.subject ? <span className={styles.subject}>{occurrence.subject}</span> : null}
    </>
  );
}
