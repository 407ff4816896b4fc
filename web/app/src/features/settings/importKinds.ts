import { IMPORT_KINDS, type ImportKind } from "@/api/imports.ts";
import type { MessageId } from "@/i18n/message-ids";

/** What each kind of file is called, with the name that its file usually has. */
export const IMPORT_LABELS: Record<ImportKind, MessageId> = {
  users: "import-kind-users",
  accounts: "import-kind-accounts",
  contacts: "import-kind-contacts",
  leads: "import-kind-leads",
  opportunities: "import-kind-opportunities",
  activities: "import-kind-activities",
  mail: "import-kind-mail",
  calendar: "import-kind-calendar",
  interactions: "import-kind-interactions",
};

/** Files that can be brought in, for the chooser of the browser. */
export const ACCEPTED = ".csv,.jsonl,.parquet,.mbox,.eml,.ics,.gz";

/** The kind that a file's name speaks of. */
export function kindOfName(name: string): ImportKind | undefined {
  const [stem, ...extensions] = name.toLowerCase().split(".");
  if (extensions.includes("mbox") || extensions.includes("eml")) return "mail";
  if (extensions.includes("ics")) return "calendar";
  return IMPORT_KINDS.find((kind) => kind === stem);
}

export function importKindLabel(kind: string): MessageId | undefined {
  const known = IMPORT_KINDS.find((candidate) => candidate === kind);
  return known && IMPORT_LABELS[known];
}
