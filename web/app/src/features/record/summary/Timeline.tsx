import { Button, Dropdown, Option } from "@fluentui/react-components";
import { CalendarAddRegular, CallAddRegular, TaskListAddRegular } from "@fluentui/react-icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { timelineQuery, upcomingQuery, type TimelineItem } from "@/api/activities.ts";
import type { RecordData } from "@/api/records.ts";
import { KINDS, type Kind, type Table } from "@/api/words.ts";
import { KIND_LABELS } from "@/components/labels.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { ActivityDraft } from "./ActivityDialog.tsx";
import styles from "./Timeline.module.css";
import { TimelineEntry } from "./TimelineEntry.tsx";

const ActivityDialog = lazy(() => import("./ActivityDialog.tsx").then((module) => ({ default: module.ActivityDialog })));

interface Props {
  table: Table;
  id: string;
  asOf: string | undefined;
  record: RecordData | undefined;
}

/** Everything that happened with a record and is planned, and what can be added. */
export function Timeline({ table, id, asOf, record }: Props) {
  const { t } = useL10n();
  const { number, date } = useFormats();
  const [kind, setKind] = useState<Kind | undefined>(undefined);
  const [draft, setDraft] = useState<ActivityDraft | null>(null);
  const past = useInfiniteQuery(timelineQuery(table, id, asOf, kind));
  const upcoming = useQuery(upcomingQuery(table, id, asOf));
  const rows = past.data?.pages.flatMap((page) => page.items) ?? [];
  const planned = (upcoming.data?.items ?? []).filter((item) => kind === undefined || item.kind === kind);
  const total = past.data?.pages[0]?.total ?? 0;
  const begin = (of: Kind, state: ActivityDraft["state"]) => setDraft({ kind: of, state });
  return (
    <section aria-labelledby="timeline-title" className={styles.panel}>
      <div className={styles.head}>
        <h2 id="timeline-title" className={styles.title}>
          {t("timeline-title")}
        </h2>
        <Dropdown
          aria-label={t("timeline-kind")}
          className={styles.kind}
          value={t(kind ? KIND_LABELS[kind] : "timeline-all-kinds")}
          selectedOptions={[kind ?? ""]}
          onOptionSelect={(_, { optionValue }) => setKind(KINDS.find((known) => known === optionValue))}
        >
          <Option value="">{t("timeline-all-kinds")}</Option>
          {KINDS.map((known) => (
            <Option key={known} value={known}>
              {t(KIND_LABELS[known])}
            </Option>
          ))}
        </Dropdown>
      </div>
      {asOf ? (
        <p className={styles.past}>{t("timeline-past", { date: date(asOf) })}</p>
      ) : (
        <div role="toolbar" aria-label={t("timeline-commands")} className={styles.commands}>
          <Button appearance="subtle" icon={<CallAddRegular />} onClick={() => begin("phone_call", "completed")}>
            {t("timeline-log-call")}
          </Button>
          <Button appearance="subtle" icon={<CalendarAddRegular />} onClick={() => begin("meeting", "scheduled")}>
            {t("timeline-new-meeting")}
          </Button>
          <Button appearance="subtle" icon={<TaskListAddRegular />} onClick={() => begin("task", "open")}>
            {t("timeline-new-task")}
          </Button>
        </div>
      )}
      {past.data?.pages[0]?.is_own_only ? <p className={styles.past}>{t("timeline-own-only")}</p> : null}
      {past.error ? <ProblemState problem={past.error} retry={() => void past.refetch()} isSmall /> : null}
      {planned.length > 0 ? (
        <>
          <h3 className={styles.group}>{t("timeline-upcoming")}</h3>
          <ol className={styles.entries}>
            {planned.map((item) => (
              <TimelineEntry key={item.id} item={item} isReadOnly={asOf !== undefined} onEdit={setDraft} />
            ))}
          </ol>
        </>
      ) : null}
      {byDay(rows, (item) => date(item.at)).map(([day, items]) => (
        <div key={day}>
          <h3 className={styles.group}>{day}</h3>
          <ol className={styles.entries}>
            {items.map((item) => (
              <TimelineEntry key={item.id} item={item} isReadOnly={asOf !== undefined} onEdit={setDraft} />
            ))}
          </ol>
        </div>
      ))}
      {past.isSuccess && rows.length === 0 && planned.length === 0 ? (
        <StateBox isSmall title={t("timeline-empty")} text={t("timeline-empty-text")} />
      ) : null}
      {past.hasNextPage ? (
        <Button className={styles.more} disabled={past.isFetchingNextPage} onClick={() => void past.fetchNextPage()}>
          {t("timeline-more", { shown: number(rows.length), total: number(total) })}
        </Button>
      ) : null}
      {draft ? (
        <Suspense fallback={null}>
          <ActivityDialog table={table} id={id} record={record} draft={draft} onClose={() => setDraft(null)} />
        </Suspense>
      ) : null}
    </section>
  );
}

/** Neighbours of one day together; rows come in order. */
function byDay(items: TimelineItem[], dayOf: (item: TimelineItem) => string): [string, TimelineItem[]][] {
  const days: [string, TimelineItem[]][] = [];
  for (const item of items) {
    const day = dayOf(item);
    const last = days.at(-1);
    if (last?.[0] === day) last[1].push(item);
    else days.push([day, [item]]);
  }
  return days;
}
