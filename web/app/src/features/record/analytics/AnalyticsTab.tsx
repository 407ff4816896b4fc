import { MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { insightsQuery, similarQuery } from "@/api/insights.ts";
import type { Table } from "@/api/words.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { WhoKnowsWidget } from "@/components/who-knows/WhoKnowsWidget.tsx";
import { useShowsHealth } from "@/frame/useShowsHealth.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { ActivitiesWidget } from "./ActivitiesWidget.tsx";
import styles from "./AnalyticsTab.module.css";
import { ContactedWidget } from "./ContactedWidget.tsx";
import { EmailEngagementWidget } from "./EmailEngagementWidget.tsx";
import { HealthWidget } from "./HealthWidget.tsx";
import { InteractionsWidget } from "./InteractionsWidget.tsx";
import { InvestmentWidget } from "./InvestmentWidget.tsx";
import { RatioWidget } from "./RatioWidget.tsx";
import { ResponseTimeWidget } from "./ResponseTimeWidget.tsx";
import { SimilarDealsWidget } from "./SimilarDealsWidget.tsx";
import { SummaryWidget } from "./SummaryWidget.tsx";
import { WhyScoreWidget } from "./WhyScoreWidget.tsx";

interface Props {
  table: Table;
  id: string;
  asOf: string | undefined;
}

/** Which tables show hours and people beside what all four show. */
const WITH_PEOPLE: readonly Table[] = ["accounts", "leads", "opportunities"];
const WITH_WHO_KNOWS: readonly Table[] = ["contacts", "leads"];

/** Relationship Analytics: every widget of a record, from one answer of the server. */
export default function AnalyticsTab({ table, id, asOf }: Props) {
  const { t, language } = useL10n();
  const insights = useQuery(insightsQuery(table, id, asOf, language));
  const isBasic = insights.data?.tier === "basic";
  // Asked for at once, beside the insights: nearly everybody has the tier that includes it.
  const hasSimilar = table === "opportunities" && !isBasic;
  const similar = useQuery({ ...similarQuery(id, asOf), enabled: hasSimilar });
  const showsHealth = useShowsHealth() && !isBasic;
  if (insights.error && !insights.data) return <ProblemState problem={insights.error} retry={() => void insights.refetch()} />;
  const data = insights.data;
  const shared = { insights: data, asOf: data?.as_of ?? null };
  const compared = { ...shared, similar: similar.data };
  const target = id.includes("@") ? id : `${table === "leads" ? "lead" : "contact"}:${data?.id ?? id}`;
  return (
    <div className={styles.tab} aria-busy={insights.isPlaceholderData} data-stale={insights.isPlaceholderData}>
      <h2 className={styles.heading}>{t("record-tab-analytics")}</h2>
      {isBasic ? (
        <MessageBar layout="multiline">
          <MessageBarBody>{t("tier-basic")}</MessageBarBody>
        </MessageBar>
      ) : null}
      <SummaryWidget {...shared} />
      <div className={styles.columns}>
        <div className={styles.left}>
          {showsHealth ? <HealthWidget {...shared} hasOccurrences={table === "leads" || table === "opportunities"} /> : null}
          {WITH_WHO_KNOWS.includes(table) && data ? <WhoKnowsWidget target={target} targetName={data.name} asOf={asOf} /> : null}
          {WITH_PEOPLE.includes(table) ? (
            <>
              <ContactedWidget {...shared} side="them" />
              <ContactedWidget {...shared} side="us" />
            </>
          ) : null}
        </div>
        <div className={styles.right}>
          <InteractionsWidget {...compared} />
          {isBasic ? null : <EmailEngagementWidget {...shared} />}
          {WITH_PEOPLE.includes(table) ? (
            <>
              <InvestmentWidget {...compared} side="us" />
              <InvestmentWidget {...compared} side="them" />
            </>
          ) : null}
          {isBasic ? null : (
            <>
              <ResponseTimeWidget {...compared} side="us" />
              <ResponseTimeWidget {...compared} side="them" />
            </>
          )}
          <RatioWidget {...compared} side="us" />
          <RatioWidget {...compared} side="them" />
        </div>
      </div>
      {showsHealth ? <WhyScoreWidget {...shared} table={table} id={id} pageAsOf={asOf} /> : null}
      {hasSimilar ? (
        <SimilarDealsWidget similar={similar.data} problem={similar.error} retry={() => void similar.refetch()} />
      ) : null}
      <ActivitiesWidget {...shared} />
    </div>
  );
}
