import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { deleteForm, formsQuery, type Form } from "@/api/privacy.ts";
import { asTable } from "@/api/words.ts";
import { TABLE_LABELS } from "@/components/labels.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { Loading } from "./Loading.tsx";
import styles from "./Settings.module.css";
import { useMay } from "./useMay.ts";
import { WhoMay } from "./WhoMay.tsx";

const WIDGETS: Record<string, MessageId> = {
  relationship_health: "widget-health",
  relationship_analytics: "feature-analytics",
  who_knows_whom: "feature-who-knows",
};

const CLIENTS: Record<string, MessageId> = { web: "form-web", phone: "form-phone", tablet: "form-tablet" };

/** Which pages carry our widgets: ours, and those of host applications. */
export function FormsPage() {
  const { t } = useL10n();
  const { list, dateTime } = useFormats();
  const queries = useQueryClient();
  const forms = useQuery(formsQuery());
  const mayRemove = useMay()("configure", "customize") === true;
  const [asked, setAsked] = useState<Form | null>(null);
  const remove = useMutation({
    mutationFn: deleteForm,
    onSettled: () => queries.invalidateQueries({ queryKey: ["forms"] }),
  });
  if (forms.error) return <ProblemState problem={forms.error} retry={() => void forms.refetch()} />;
  const words = (names: string[], labels: Record<string, MessageId>) =>
    list(
      names.map((name) => {
        const label = labels[name];
        return label ? t(label) : name;
      }),
    );
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-forms")}</h1>
      <p>
        {t("forms-text")} <Link to="/why">{t("page-why")}</Link>
      </p>
      {forms.data ? null : <Loading />}
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={t("page-forms")}>
        <table className={styles.table}>
          <thead>
            <tr>
              {(["form-application", "form-table", "form-tab", "form-widgets", "form-clients", "form-seen"] as const).map(
                (label) => (
                  <th key={label} scope="col">
                    {t(label)}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {forms.data?.items.map((form) => (
              <tr key={`${form.application}/${form.table}/${form.tab}`}>
                <td>{form.application}</td>
                <td>{t(TABLE_LABELS[asTable(form.table) ?? "contacts"])}</td>
                <td>{form.tab}</td>
                <td>{words(form.widgets, WIDGETS)}</td>
                <td>{words(form.clients, CLIENTS)}</td>
                <td>
                  {form.id == null ? (
                    t("form-own")
                  ) : (
                    <>
                      {dateTime(form.last_seen)}{" "}
                      {mayRemove ? (
                        <Button size="small" disabled={remove.isPending} onClick={() => setAsked(form)}>
                          {t("form-remove")}
                        </Button>
                      ) : null}
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {forms.data?.items.some((form) => form.id != null) ? <WhoMay what="customize" /> : null}
      <ChangeProblem problem={remove.error} />
      {asked?.id == null ? null : (
        <Removal
          form={asked}
          onClose={() => setAsked(null)}
          onRemove={() => {
            setAsked(null);
            remove.mutate(asked.id ?? 0);
          }}
        />
      )}
    </div>
  );
}

function Removal({ form, onClose, onRemove }: { form: Form; onClose: () => void; onRemove: () => void }) {
  const { t } = useL10n();
  return (
    <Dialog modalType="alert" open onOpenChange={(_, { open }) => (open ? undefined : onClose())}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t("form-remove")}</DialogTitle>
          <DialogContent>{t("form-remove-sure", { application: form.application, tab: form.tab })}</DialogContent>
          <DialogActions>
            <Button onClick={onClose}>{t("action-cancel")}</Button>
            <Button appearance="primary" onClick={onRemove}>
              {t("form-remove-do")}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
