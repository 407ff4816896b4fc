import { Dropdown, Field, Input, Option, Textarea } from "@fluentui/react-components";
import type { RecordData } from "@/api/records.ts";
import type { Table } from "@/api/words.ts";
import { STATUSES, statusLabel } from "@/components/labels.ts";
import { localDay } from "@/i18n/formats.ts";
import { TimeZoneContext, useL10n } from "@/i18n/L10nContext.tsx";
import { use } from "react";
import type { RecordField } from "./fields.ts";
import { RecordLookup } from "./RecordLookup.tsx";
import { UserLookup } from "./UserLookup.tsx";

interface Props {
  table: Table;
  field: RecordField;
  draft: RecordData;
  problem?: string;
  onChange: (changed: Partial<RecordData>) => void;
}

/** The control that fits a field. */
export function FieldInput({ table, field, draft, problem, onChange }: Props) {
  const { t } = useL10n();
  const timeZone = use(TimeZoneContext);
  const { name, kind } = field;
  const value = draft[name];
  const text = typeof value === "string" ? value : "";
  const texts = Array.isArray(value) ? value : [];
  const set = (next: RecordData[typeof name]) => onChange({ [name]: next });
  const control = () => {
    if (kind === "texts" || kind === "stakeholders") {
      const hint = kind === "stakeholders" ? t("field-stakeholders-hint") : t("field-texts-hint");
      return (
        <Textarea rows={2} value={texts.join("\n")} placeholder={hint} onChange={(_, data) => set(data.value.split("\n"))} />
      );
    }
    if (kind === "user") return <UserLookup value={text === "" ? [] : [text]} onChange={([chosen]) => set(chosen ?? null)} />;
    if (kind === "users") return <UserLookup isMultiple value={texts} onChange={set} />;
    if (kind === "status") {
      return (
        <Dropdown
          value={text === "" ? "" : t(statusLabel(text))}
          selectedOptions={text === "" ? [] : [text]}
          onOptionSelect={(_, { optionValue }) => set(optionValue ?? null)}
        >
          {STATUSES[table].map((status) => (
            <Option key={status} value={status}>
              {t(statusLabel(status))}
            </Option>
          ))}
        </Dropdown>
      );
    }
    if (kind === "date") {
      const day = text.includes("T") ? localDay(text, timeZone) : text;
      return <Input type="date" value={day} onChange={(_, data) => set(data.value === "" ? null : data.value)} />;
    }
    if (kind === "number") {
      return (
        <Input
          type="number"
          min={0}
          step="any"
          value={typeof value === "number" ? String(value) : ""}
          onChange={(_, data) => set(data.value === "" ? null : Number(data.value))}
        />
      );
    }
    if (kind === "currency")
      return (
        <Input maxLength={3} value={text} onChange={(_, data) => set(data.value === "" ? null : data.value.toUpperCase())} />
      );
    if (typeof kind === "object") return <RecordLookup table={kind.record} value={text} onChange={(id) => set(id)} />;
    return <Input value={text} onChange={(_, data) => set(data.value === "" ? null : data.value)} />;
  };
  return (
    <Field label={t(field.label)} required={field.isRequired} validationMessage={problem}>
      {control()}
    </Field>
  );
}
