import { Tab, TabList } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { ApiProblem } from "@/api/client.ts";
import { insightsQuery, type Insights } from "@/api/insights.ts";
import type { Table } from "@/api/words.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { AsOfBar } from "./AsOfBar.tsx";
import { CommandBar } from "./header/CommandBar.tsx";
import { RecordHeader } from "./header/RecordHeader.tsx";
import styles from "./RecordPage.module.css";
import type { RecordSearch } from "./recordSearch.ts";
import { SummaryTab } from "./summary/SummaryTab.tsx";

const AnalyticsTab = lazy(() => import("./analytics/AnalyticsTab.tsx"));

/** Days back that the page can be shown as of: the memory of the score, or the first contact if that is more recent. */
const REACH_DAYS_MAX = 730;
/** A slider of a few days would jump. */
const REACH_DAYS_MIN = 28;

interface Props {
  table: Table;
  id: string;
  search: RecordSearch;
  onSearch: (search: RecordSearch, options?: { replace?: boolean }) => void;
}

/** A record's page, form "Sales Insights": its fields and timeline, and the analysis of the relationship. */
export function RecordPage({ table, id, search, onSearch }: Props) {
  const { t, language } = useL10n();
  const now = useQuery(insightsQuery(table, id, undefined, language));
  const tab = search.tab ?? "summary";
  if (now.error instanceof ApiProblem && now.error.isMissing) return <ProblemState problem={now.error} />;
  return (
    <div className={styles.page}>
      <CommandBar table={table} />
      <RecordHeader table={table} id={id} asOf={search.as_of} />
      <AsOfBar
        asOf={search.as_of}
        reachDays={reachDays(now.data)}
        onAsOf={(as_of) => onSearch({ ...search, as_of }, { replace: true })}
      />
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_, { value }) => onSearch({ ...search, tab: value === "analytics" ? "analytics" : undefined })}
        aria-label={t("record-tabs")}
      >
        <Tab value="summary" id="tab-summary" aria-controls="tab-panel">
          {t("record-tab-summary")}
        </Tab>
        <Tab value="analytics" id="tab-analytics" aria-controls="tab-panel">
          {t("record-tab-analytics")}
        </Tab>
      </TabList>
      <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`} className={styles.panel}>
        {tab === "summary" ? (
          <SummaryTab table={table} id={id} asOf={search.as_of} />
        ) : (
          <Suspense fallback={null}>
            <AnalyticsTab table={table} id={id} asOf={search.as_of} />
          </Suspense>
        )}
      </div>
    </div>
  );
}

function reachDays(insights: Insights | undefined): number {
  const oldest = insights?.health.contributions.at(-1)?.age_days ?? REACH_DAYS_MAX;
  return Math.max(REACH_DAYS_MIN, Math.min(REACH_DAYS_MAX, oldest));
}
