import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Dropdown,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  Option,
  Textarea,
} from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { use, useState } from "react";
import { changeActivity, createActivity, type Activity } from "@/api/activities.ts";
import { api, ApiProblem, dataOf } from "@/api/client.ts";
import type { RecordData } from "@/api/records.ts";
import type { Kind, Table } from "@/api/words.ts";
import { UserLookup } from "@/components/record-form/UserLookup.tsx";
import { usePreferences } from "@/frame/preferences.ts";
import { TimeZoneContext, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./ActivityDialog.module.css";
import { localInput, momentOf } from "./localTime.ts";

/** What a dialog begins with; with an id it changes that activity. */
export interface ActivityDraft {
  kind: Kind;
  state: "open" | "scheduled" | "completed";
  activityId?: string;
}

const TITLES: Record<Kind, MessageId> = {
  phone_call: "activity-call",
  meeting: "activity-meeting",
  task: "activity-task",
  email: "activity-email",
};
const MINUTES: Record<Kind, number> = { phone_call: 15, meeting: 30, task: 0, email: 0 };
const STATES: readonly ActivityDraft["state"][] = ["open", "scheduled", "completed"];
const STATE_LABELS: Record<ActivityDraft["state"], MessageId> = {
  open: "activity-open",
  scheduled: "activity-scheduled",
  completed: "activity-completed",
};

interface Props {
  table: Table;
  id: string;
  record: RecordData | undefined;
  draft: ActivityDraft;
  onClose: () => void;
}

/** Logs or plans an activity with a record; an existing one is loaded first. */
export function ActivityDialog(props: Props) {
  const { activityId } = props.draft;
  const known = useQuery({
    queryKey: ["activity", activityId],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/activities/{id}", { params: { path: { id: activityId ?? "" } }, signal })),
    enabled: activityId !== undefined,
  });
  if (activityId !== undefined && !known.data) return null;
  return <Form {...props} known={known.data} />;
}

interface Form {
  from: string | null;
  to: string;
  at: string;
  minutes: string;
  subject: string;
  state: ActivityDraft["state"];
}

function Form({ table, id, record, draft, known, onClose }: Props & { known: Activity | undefined }) {
  const { t } = useL10n();
  const timeZone = use(TimeZoneContext);
  const queries = useQueryClient();
  const { viewer } = usePreferences().preferences;
  const [key, setKey] = useState(() => crypto.randomUUID());
  const [form, setForm] = useState<Form>(() =>
    known
      ? {
          from: known.from ?? null,
          to: (known.to ?? []).join("\n"),
          at: localInput(known.at, timeZone),
          minutes: String(Math.round((known.duration_s ?? 0) / 60)),
          subject: known.subject ?? "",
          state: STATES.find((state) => state === known.state) ?? draft.state,
        }
      : {
          from: viewer ?? record?.owner ?? null,
          to: personOf(table, id, record),
          at: localInput(new Date().toISOString(), timeZone),
          minutes: String(MINUTES[draft.kind]),
          subject: "",
          state: draft.state,
        },
  );
  const save = useMutation({
    mutationFn: () => {
      const activity: Activity = {
        kind: draft.kind,
        state: form.state,
        at: momentOf(form.at, timeZone),
        from: form.from,
        to: form.to
          .split("\n")
          .map((line) => line.trim())
          .filter(Boolean),
        duration_s: Math.round(Number(form.minutes) * 60),
        subject: form.subject || undefined,
      };
      if (draft.activityId !== undefined) return changeActivity(draft.activityId, activity);
      return createActivity({ ...activity, regarding: { table, id: record?.id ?? id } }, key);
    },
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries();
    },
    onError: () => setKey(crypto.randomUUID()),
  });
  const set = (changed: Partial<Form>) => setForm({ ...form, ...changed });
  return (
    <Dialog open onOpenChange={onClose}>
      <DialogSurface>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          <DialogBody>
            <DialogTitle>{t(TITLES[draft.kind])}</DialogTitle>
            <DialogContent className={styles.fields}>
              {save.error ? (
                <MessageBar intent="error" layout="multiline">
                  <MessageBarBody>{`${save.error.message} ${save.error instanceof ApiProblem ? (save.error.hint ?? "") : ""}`}</MessageBarBody>
                </MessageBar>
              ) : null}
              <Field label={t("activity-subject")}>
                <Input value={form.subject} onChange={(_, data) => set({ subject: data.value })} />
              </Field>
              <Field label={t("activity-from")} required={draft.kind !== "task"}>
                <UserLookup value={form.from ? [form.from] : []} onChange={([from]) => set({ from: from ?? null })} />
              </Field>
              <Field label={t("activity-to")} hint={t("activity-to-hint")} required={draft.kind !== "task"}>
                <Textarea rows={2} value={form.to} onChange={(_, data) => set({ to: data.value })} />
              </Field>
              <div className={styles.row}>
                <Field label={t("activity-at")} required>
                  <Input type="datetime-local" value={form.at} onChange={(_, data) => set({ at: data.value })} />
                </Field>
                <Field label={t("activity-minutes")}>
                  <Input
                    type="number"
                    min={0}
                    max={1440}
                    value={form.minutes}
                    onChange={(_, data) => set({ minutes: data.value })}
                  />
                </Field>
                <Field label={t("activity-state")}>
                  <Dropdown
                    value={t(STATE_LABELS[form.state])}
                    selectedOptions={[form.state]}
                    onOptionSelect={(_, { optionValue }) =>
                      set({ state: STATES.find((state) => state === optionValue) ?? form.state })
                    }
                  >
                    {STATES.map((state) => (
                      <Option key={state} value={state}>
                        {t(STATE_LABELS[state])}
                      </Option>
                    ))}
                  </Dropdown>
                </Field>
              </div>
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>{t("action-cancel")}</Button>
              <Button appearance="primary" type="submit" disabled={save.isPending || form.at === ""}>
                {t("action-save")}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

/** Whom one speaks to about a record: its own person, or the contact of a deal or account. */
function personOf(table: Table, id: string, record: RecordData | undefined): string {
  const recordId = record?.id ?? id;
  if (table === "contacts") return record?.email ?? (recordId.includes("@") ? recordId : `contact:${recordId}`);
  if (table === "leads") return record?.email ?? `lead:${recordId}`;
  const contact = table === "opportunities" ? record?.contact : record?.primary_contact;
  return contact ? `contact:${contact}` : "";
}
