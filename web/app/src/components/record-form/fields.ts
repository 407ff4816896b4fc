import type { RecordData } from "@/api/records.ts";
import type { Table } from "@/api/words.ts";
import type { MessageId } from "@/i18n/message-ids";

/** How a field is entered. */
type FieldKind =
  "text" | "texts" | "user" | "users" | "status" | "date" | "number" | "currency" | { record: Table } | "stakeholders";

type FieldName = Exclude<keyof RecordData, "table" | "id" | "custom">;

/** One field of a record. */
export interface RecordField {
  name: FieldName;
  label: MessageId;
  kind: FieldKind;
  isRequired?: boolean;
}

/** The fields of each table, as in the CRM's files. To add one: its line here. */
export const FIELDS: Record<Table, readonly RecordField[]> = {
  accounts: [
    { name: "name", label: "field-name", kind: "text", isRequired: true },
    { name: "domains", label: "field-domains", kind: "texts" },
    { name: "industry", label: "field-industry", kind: "text" },
    { name: "owner", label: "field-owner", kind: "user" },
    { name: "primary_contact", label: "field-primary-contact", kind: { record: "contacts" } },
  ],
  contacts: [
    { name: "name", label: "field-name", kind: "text", isRequired: true },
    { name: "email", label: "field-email", kind: "text" },
    { name: "emails", label: "field-emails", kind: "texts" },
    { name: "account", label: "field-account", kind: { record: "accounts" } },
    { name: "title", label: "field-title", kind: "text" },
    { name: "owner", label: "field-owner", kind: "user" },
  ],
  leads: [
    { name: "topic", label: "field-topic", kind: "text", isRequired: true },
    { name: "name", label: "field-name", kind: "text" },
    { name: "email", label: "field-email", kind: "text" },
    { name: "company", label: "field-company", kind: "text" },
    { name: "status", label: "field-status", kind: "status" },
    { name: "owner", label: "field-owner", kind: "user" },
    { name: "stakeholders", label: "field-stakeholders", kind: "stakeholders" },
    { name: "created_at", label: "field-created", kind: "date" },
  ],
  opportunities: [
    { name: "topic", label: "field-topic", kind: "text", isRequired: true },
    { name: "account", label: "field-account", kind: { record: "accounts" } },
    { name: "contact", label: "field-contact", kind: { record: "contacts" } },
    { name: "stakeholders", label: "field-stakeholders", kind: "stakeholders" },
    { name: "owner", label: "field-owner", kind: "user" },
    { name: "team", label: "field-team", kind: "users" },
    { name: "status", label: "field-status", kind: "status" },
    { name: "estimated_close", label: "field-estimated-close", kind: "date" },
    { name: "estimated_revenue", label: "field-estimated-revenue", kind: "number" },
    { name: "currency", label: "field-currency", kind: "currency" },
    { name: "created_at", label: "field-created", kind: "date" },
    { name: "closed_at", label: "field-closed", kind: "date" },
  ],
};
