import { Tab, TabList } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { ApiProblem } from "@/api/client.ts";
import { insightsQuery } from "@/api/insights.ts";
import { usersQuery } from "@/api/people.ts";
import { recordQuery } from "@/api/records.ts";
import type { Table } from "@/api/words.ts";
import { HealthBadge } from "@/components/HealthBadge.tsx";
import { RECORD_LABELS, statusLabel, TABLE_LABELS } from "@/components/labels.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { TrendBadge } from "@/components/TrendBadge.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { AsOfBar } from "./AsOfBar.tsx";
import styles from "./RecordPage.module.css";
import type { RecordSearch } from "./recordSearch.ts";
import { SummaryTab } from "./summary/SummaryTab.tsx";

const AnalyticsTab = lazy(() => import("./analytics/AnalyticsTab.tsx"));

interface Props {
  table: Table;
  id: string;
  search: RecordSearch;
  onSearch: (search: RecordSearch, options?: { replace?: boolean }) => void;
}

/** A record's page, form "Sales Insights": its fields and timeline, and the analysis of the relationship. */
export function RecordPage({ table, id, search, onSearch }: Props) {
  const { t, language } = useL10n();
  const insights = useQuery(insightsQuery(table, id, search.as_of, language));
  const tab = search.tab ?? "summary";
  if (insights.error instanceof ApiProblem && insights.error.isMissing) return <ProblemState problem={insights.error} />;
  return (
    <div className={styles.page}>
      <Header table={table} id={id} asOf={search.as_of} />
      <AsOfBar asOf={search.as_of} onAsOf={(as_of) => onSearch({ ...search, as_of }, { replace: true })} />
      <TabList
        selectedValue={tab}
        onTabSelect={(_, { value }) => onSearch({ ...search, tab: value === "analytics" ? "analytics" : undefined })}
        aria-label={t("record-tabs")}
      >
        <Tab value="summary" id="tab-summary">
          {t("record-tab-summary")}
        </Tab>
        <Tab value="analytics" id="tab-analytics">
          {t("record-tab-analytics")}
        </Tab>
      </TabList>
      <div role="tabpanel" aria-labelledby={`tab-${tab}`} className={styles.panel}>
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

function Header({ table, id, asOf }: { table: Table; id: string; asOf: string | undefined }) {
  const { t, language } = useL10n();
  const { money, date } = useFormats();
  const insights = useQuery(insightsQuery(table, id, asOf, language)).data;
  const record = useQuery({ ...recordQuery(table, id), retry: false }).data?.record;
  const account = useQuery({ ...recordQuery("accounts", record?.account ?? ""), enabled: Boolean(record?.account) }).data?.record;
  const owner = useQuery(usersQuery()).data?.items.find((user) => user.email === record?.owner);
  return (
    <header className={styles.header}>
      <div className={styles.identity}>
        <p className={styles.kind}>
          <Link to="/$table" params={{ table }}>
            {t(TABLE_LABELS[table])}
          </Link>
          {` · ${t(RECORD_LABELS[table])}`}
        </p>
        <h1 className={styles.name}>{insights?.name ?? record?.topic ?? record?.name ?? id}</h1>
      </div>
      <dl className={styles.facts}>
        {record?.account ? (
          <Fact label={t("record-account-of")}>
            <Link to="/$table/$id" params={{ table: "accounts", id: record.account }}>
              {account?.name ?? record.account}
            </Link>
          </Fact>
        ) : null}
        {record?.company ? <Fact label={t("record-company")}>{record.company}</Fact> : null}
        {record?.owner ? <Fact label={t("record-owner")}>{owner?.name ?? record.owner}</Fact> : null}
        {record?.status ? <Fact label={t("record-status")}>{t(statusLabel(record.status))}</Fact> : null}
        {record?.estimated_revenue == null ? null : (
          <Fact label={t("record-revenue")}>{money(record.estimated_revenue, record.currency)}</Fact>
        )}
        {record?.estimated_close ? <Fact label={t("record-close")}>{date(record.estimated_close)}</Fact> : null}
        {insights ? (
          <Fact label={t("record-health")}>
            <span className={styles.health}>
              <HealthBadge state={insights.health.state} score={insights.health.score} />
              {insights.health.score == null ? null : <TrendBadge trend={insights.health.trend} />}
            </span>
          </Fact>
        ) : null}
      </dl>
    </header>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
