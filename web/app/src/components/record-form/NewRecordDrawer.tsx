import { Button, DrawerBody, DrawerHeader, DrawerHeaderTitle, OverlayDrawer } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { createRecord, type RecordData } from "@/api/records.ts";
import type { Table } from "@/api/words.ts";
import { usePreferences } from "@/frame/preferences.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { RecordForm } from "./RecordForm.tsx";

const TITLES: Record<Table, MessageId> = {
  accounts: "new-account",
  contacts: "new-contact",
  leads: "new-lead",
  opportunities: "new-opportunity",
};

interface Props {
  table: Table;
  isOpen: boolean;
  onClose: () => void;
}

/** Creates a record and goes to it. */
export function NewRecordDrawer({ table, isOpen, onClose }: Props) {
  const { t } = useL10n();
  return (
    <OverlayDrawer position="end" size="medium" open={isOpen} onOpenChange={onClose}>
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" aria-label={t("action-close")} icon={<DismissRegular />} onClick={onClose} />}
        >
          {t(TITLES[table])}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>{isOpen ? <NewRecord table={table} onClose={onClose} /> : null}</DrawerBody>
    </OverlayDrawer>
  );
}

function NewRecord({ table, onClose }: Omit<Props, "isOpen">) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { viewer } = usePreferences().preferences;
  const [key, setKey] = useState(() => crypto.randomUUID());
  const record = useMemo(() => fresh(table, viewer), [table, viewer]);
  const create = useMutation({
    mutationFn: (draft: RecordData) => createRecord(table, draft, key),
    onSuccess: async ({ id }) => {
      void queries.invalidateQueries();
      onClose();
      if (id) await navigate({ to: "/$table/$id", params: { table, id }, ignoreBlocker: true });
    },
    // What was refused and is sent again with other fields is another create.
    onError: () => setKey(crypto.randomUUID()),
  });
  return (
    <RecordForm
      table={table}
      record={record}
      problem={create.error}
      isSaving={create.isPending || create.isSuccess}
      onSave={(draft) => create.mutate(draft)}
      onCancel={onClose}
    />
  );
}

function fresh(table: Table, viewer: string | null): RecordData {
  const status = table === "leads" ? "active" : table === "opportunities" ? "open" : undefined;
  return { owner: viewer ?? undefined, status };
}
