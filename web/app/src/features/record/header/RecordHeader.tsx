import { Skeleton, SkeletonItem } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { insightsQuery } from "@/api/insights.ts";
import { usersQuery } from "@/api/people.ts";
import { recordQuery } from "@/api/records.ts";
import type { Table } from "@/api/words.ts";
import { HealthBadge } from "@/components/HealthBadge.tsx";
import { RECORD_LABELS, statusLabel, TABLE_LABELS } from "@/components/labels.ts";
import { TrendBadge } from "@/components/TrendBadge.tsx";
import { useShowsHealth } from "@/frame/useShowsHealth.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./RecordHeader.module.css";

interface Props {
  table: Table;
  id: string;
  asOf: string | undefined;
}

/** What the record is, and its key facts: whoever opens it should see at once whose it is and how it stands. */
export function RecordHeader({ table, id, asOf }: Props) {
  const { t, language } = useL10n();
  const { money, date } = useFormats();
  const answer = useQuery(insightsQuery(table, id, asOf, language));
  const insights = answer.data;
  const record = useQuery({ ...recordQuery(table, id), retry: false }).data?.record;
  const name = insights?.name ?? record?.topic ?? record?.name;
  const account = useQuery({ ...recordQuery("accounts", record?.account ?? ""), enabled: Boolean(record?.account) }).data?.record;
  const owner = useQuery(usersQuery()).data?.items.find((user) => user.email === record?.owner);
  const showsHealth = useShowsHealth();
  const health = showsHealth ? insights?.health : undefined;
  return (
    <header className={styles.header}>
      <div className={styles.identity}>
        <p className={styles.kind}>
          <Link to="/$table" params={{ table }}>
            {t(TABLE_LABELS[table])}
          </Link>
          {` · ${t(RECORD_LABELS[table])}`}
        </p>
        {name === undefined && answer.isPending ? (
          <Skeleton aria-label={t("state-loading")} className={styles.loading}>
            <SkeletonItem size={28} />
          </Skeleton>
        ) : (
          <h1 className={styles.name}>{name ?? id}</h1>
        )}
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
        {health ? (
          <Fact label={t("record-health")}>
            <span className={styles.health}>
              <HealthBadge state={health.state} score={health.score} />
              {health.score == null ? null : health.new_relationship ? (
                <span>{t("record-new-relationship")}</span>
              ) : (
                <TrendBadge trend={health.trend} />
              )}
            </span>
          </Fact>
        ) : null}
      </dl>
    </header>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
