import { MessageBar, MessageBarBody, Tab, TabList } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { dashboardQuery, type Dashboard } from "@/api/dashboard.ts";
import type { View } from "@/api/lists.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useShowsHealth } from "@/frame/useShowsHealth.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./DashboardPage.module.css";
import { ClosingSoon, NextInteractions, Relationships } from "./Tiles.tsx";

const VIEWS: [View, MessageId][] = [
  ["my", "dashboard-my"],
  ["team", "dashboard-team"],
  ["all", "dashboard-all"],
];

const COUNTS: [keyof Dashboard["counts"], MessageId, string][] = [
  ["good", "health-good", "var(--rapport-good)"],
  ["fair", "health-fair", "var(--rapport-fair)"],
  ["poor", "health-poor", "var(--rapport-poor)"],
  ["other", "dashboard-other", "var(--rapport-none)"],
];

interface Props {
  viewer: string | null;
  /** Where somebody says who they are. */
  viewerPicker: ReactNode;
}

/** What of one's relationships asks for attention now. */
export function DashboardPage({ viewer, viewerPicker }: Props) {
  const { t } = useL10n();
  const { number, time } = useFormats();
  const [chosen, setChosen] = useState<View | null>(null);
  const view = viewer === null ? "all" : (chosen ?? "my");
  const dashboard = useQuery(dashboardQuery(view, viewer));
  const showsHealth = useShowsHealth();
  const data = dashboard.data;
  if (dashboard.error && !data) return <ProblemState problem={dashboard.error} retry={() => void dashboard.refetch()} />;
  return (
    <div className={styles.page}>
      <div className={styles.top}>
        <h1 className={styles.title}>{t("page-dashboard")}</h1>
        {viewer === null ? null : (
          <TabList
            selectedValue={view}
            onTabSelect={(_, { value }) => setChosen(VIEWS.find(([known]) => known === value)?.[0] ?? null)}
            aria-label={t("dashboard-whose")}
          >
            {VIEWS.map(([known, label]) => (
              <Tab key={known} value={known}>
                {t(label)}
              </Tab>
            ))}
          </TabList>
        )}
        <span role="status" className={styles.note}>
          {data ? t("dashboard-as-of", { time: time(data.as_of) }) : ""}
        </span>
      </div>
      {viewer === null ? (
        <MessageBar layout="multiline">
          <MessageBarBody>
            {t("dashboard-nobody")} {viewerPicker}
          </MessageBarBody>
        </MessageBar>
      ) : null}
      {showsHealth ? (
        <ul aria-label={t("dashboard-counts")} className={styles.counts}>
          {COUNTS.map(([name, label, color]) => (
            <li key={name} className={styles.count} style={{ borderTopColor: color }}>
              <span className={styles.number} data-figure={`counts.${name}`} data-value={data?.counts[name] ?? ""}>
                {number(data?.counts[name])}
              </span>
              {name === "other" ? (
                t(label)
              ) : (
                <Link
                  to="/$table"
                  params={{ table: "contacts" }}
                  search={{ view, filter: [{ column: "health_state", op: "in", value: [name] }] }}
                >
                  {t(label)}
                </Link>
              )}
            </li>
          ))}
        </ul>
      ) : null}
      <div className={styles.tiles}>
        {showsHealth ? (
          <>
            <Relationships name="at-risk" items={data?.at_risk} asOf={data?.as_of} />
            <Relationships name="newly-warm" items={data?.newly_warm} asOf={data?.as_of} />
          </>
        ) : null}
        <NextInteractions items={data?.next_interactions} asOf={data?.as_of} />
        {showsHealth ? <ClosingSoon items={data?.closing_soon} asOf={data?.as_of} /> : null}
      </div>
    </div>
  );
}
