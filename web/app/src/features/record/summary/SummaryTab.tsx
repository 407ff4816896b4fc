import { useQuery } from "@tanstack/react-query";
import { ApiProblem } from "@/api/client.ts";
import { recordQuery } from "@/api/records.ts";
import type { Table } from "@/api/words.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { RecordFields } from "./RecordFields.tsx";
import styles from "./SummaryTab.module.css";
import { Timeline } from "./Timeline.tsx";

interface Props {
  table: Table;
  id: string;
  asOf: string | undefined;
}

/** The fields of a record beside everything that happened and is planned. */
export function SummaryTab({ table, id, asOf }: Props) {
  const { t } = useL10n();
  const record = useQuery(recordQuery(table, id));
  // Known from mail alone: there are interactions, but no fields.
  const isDiscovered = record.error instanceof ApiProblem && record.error.isMissing && id.includes("@");
  return (
    <div className={styles.tab}>
      <section aria-label={t("summary-fields")} className={styles.panel}>
        {isDiscovered ? (
          <StateBox isSmall title={t("summary-discovered")} text={t("summary-discovered-text")} />
        ) : record.error ? (
          <ProblemState problem={record.error} retry={() => void record.refetch()} isSmall />
        ) : record.data ? (
          <RecordFields table={table} id={id} tagged={record.data} />
        ) : null}
      </section>
      <Timeline table={table} id={id} asOf={asOf} record={record.data?.record} />
    </div>
  );
}
