import { Button, Input, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useBlocker } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { ApiProblem } from "@/api/client.ts";
import type { RecordData } from "@/api/records.ts";
import type { Table } from "@/api/words.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { FieldInput } from "./FieldInput.tsx";
import { FIELDS } from "./fields.ts";
import styles from "./RecordForm.module.css";

interface Props {
  table: Table;
  record: RecordData;
  problem: Error | null;
  isSaving: boolean;
  onSave: (record: RecordData) => void;
  onCancel: () => void;
  /** What can be done about a conflict. */
  conflict?: ReactNode;
}

/** The fields of a record, to create or change it. */
export function RecordForm({ table, record, problem, isSaving, onSave, onCancel, conflict }: Props) {
  const { t } = useL10n();
  const [draft, setDraft] = useState(record);
  const isChanged = draft !== record && !isSaving;
  useBlocker({ shouldBlockFn: () => isChanged && !globalThis.confirm(t("form-leave")), enableBeforeUnload: isChanged });
  const wrong = fieldOf(problem, table);
  const custom = Object.entries(draft.custom ?? {});
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onSave(cleaned(draft));
      }}
    >
      {problem && !wrong ? (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            {problem instanceof ApiProblem && problem.status === 412
              ? t("form-conflict")
              : `${problem.message} ${problem instanceof ApiProblem ? (problem.hint ?? "") : ""}`}
          </MessageBarBody>
          {problem instanceof ApiProblem && problem.status === 412 ? conflict : null}
        </MessageBar>
      ) : null}
      <div className={styles.fields}>
        {FIELDS[table].map((field) => (
          <FieldInput
            key={field.name}
            table={table}
            field={field}
            draft={draft}
            problem={wrong === field.name ? problem?.message : undefined}
            onChange={(changed) => setDraft({ ...draft, ...changed })}
          />
        ))}
        {custom.map(([name, value]) => (
          <label key={name} className={styles.custom}>
            <span>{name}</span>
            <Input
              value={value}
              onChange={(_, data) => setDraft({ ...draft, custom: { ...draft.custom, [name]: data.value } })}
            />
          </label>
        ))}
      </div>
      <div className={styles.actions}>
        <Button appearance="primary" type="submit" disabled={isSaving}>
          {t("action-save")}
        </Button>
        <Button onClick={onCancel}>{t("action-cancel")}</Button>
      </div>
    </form>
  );
}

/** Lists were typed a line each; empty lines are none of them. */
function cleaned(draft: RecordData): RecordData {
  const entries = Object.entries(draft).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map((text: string) => text.trim()).filter(Boolean) : value,
  ]);
  return Object.fromEntries(entries) as RecordData;
}

/** The field that the server's message names between backticks. */
function fieldOf(problem: Error | null, table: Table): string | undefined {
  if (!(problem instanceof ApiProblem) || problem.status !== 422) return undefined;
  return FIELDS[table].find(({ name }) => problem.message.includes(`\`${name}\``))?.name;
}
