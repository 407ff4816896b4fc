import { Button } from "@fluentui/react-components";
import { EditRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { usersQuery } from "@/api/people.ts";
import { putRecord, recordQuery, type RecordData, type TaggedRecord } from "@/api/records.ts";
import type { Table } from "@/api/words.ts";
import { statusLabel } from "@/components/labels.ts";
import { FIELDS, type RecordField } from "@/components/record-form/fields.ts";
import { NOTHING } from "@/i18n/formats.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./RecordFields.module.css";

const RecordForm = lazy(() =>
  import("@/components/record-form/RecordForm.tsx").then((module) => ({ default: module.RecordForm })),
);

interface Props {
  table: Table;
  id: string;
  tagged: TaggedRecord;
}

/** The fields to read, and to change. */
export function RecordFields({ table, id, tagged }: Props) {
  const { t } = useL10n();
  const queries = useQueryClient();
  // What is changed starts from what was read then, whatever comes in meanwhile.
  const [editing, setEditing] = useState<TaggedRecord | null>(null);
  const save = useMutation({
    mutationFn: (record: RecordData) => putRecord(table, tagged.record.id ?? id, record, editing?.tag ?? null),
    onSuccess: async () => {
      setEditing(null);
      await queries.invalidateQueries();
    },
  });
  const stop = () => {
    save.reset();
    setEditing(null);
  };
  if (editing) {
    const loadTheirs = () => {
      void queries.invalidateQueries({ queryKey: recordQuery(table, id).queryKey });
      stop();
    };
    return (
      <Suspense fallback={null}>
        <RecordForm
          table={table}
          record={editing.record}
          problem={save.error}
          isSaving={save.isPending || save.isSuccess}
          onSave={(record) => save.mutate(record)}
          onCancel={stop}
          conflict={<Button onClick={loadTheirs}>{t("form-load-theirs")}</Button>}
        />
      </Suspense>
    );
  }
  const { record } = tagged;
  return (
    <>
      <div className={styles.head}>
        <h2 className={styles.title}>{t("summary-fields")}</h2>
        <Button icon={<EditRegular />} onClick={() => setEditing(tagged)}>
          {t("action-edit")}
        </Button>
      </div>
      <dl className={styles.fields}>
        {FIELDS[table].map((field) => (
          <div key={field.name}>
            <dt>{t(field.label)}</dt>
            <dd>
              <FieldValue field={field} record={record} />
            </dd>
          </div>
        ))}
        {Object.entries(record.custom ?? {}).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value || NOTHING}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function FieldValue({ field: { name, kind }, record }: { field: RecordField; record: RecordData }) {
  const { t } = useL10n();
  const formats = useFormats();
  const users = useQuery(usersQuery());
  const value = record[name];
  const person = (address: string) => users.data?.items.find((user) => user.email === address)?.name ?? address;
  if (value == null || value === "" || (Array.isArray(value) && value.length === 0)) return NOTHING;
  if (typeof value === "number") return formats.money(value, record.currency);
  if (Array.isArray(value)) {
    if (kind === "users") return formats.list(value.map(person));
    if (kind === "stakeholders") return value.map((stakeholder) => <Stakeholder key={stakeholder} stakeholder={stakeholder} />);
    return formats.list(value);
  }
  if (kind === "user") return person(value);
  if (kind === "status") return t(statusLabel(value));
  if (kind === "date") return formats.date(value);
  if (typeof kind === "object") return <RecordName table={kind.record} id={value} />;
  return value;
}

/** A stakeholder is a contact's id, or an address. */
function Stakeholder({ stakeholder }: { stakeholder: string }) {
  return (
    <div>
      {stakeholder.includes("@") ? (
        <Link to="/who-knows" search={{ target: stakeholder }}>
          {stakeholder}
        </Link>
      ) : (
        <RecordName table="contacts" id={stakeholder} />
      )}
    </div>
  );
}

function RecordName({ table, id }: { table: Table; id: string }) {
  const record = useQuery(recordQuery(table, id));
  return (
    <Link to="/$table/$id" params={{ table, id }}>
      {record.data?.record.name ?? record.data?.record.topic ?? id}
    </Link>
  );
}
