import { Button, Checkbox, Field, Input, MessageBar, MessageBarBody, Radio, RadioGroup } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { deleteRole, putRole, type Role } from "@/api/people.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { depthOf, DEPTHS, DEPTH_LABELS, isDeeper, TASK_LABELS } from "./roleTexts.ts";
import styles from "./Settings.module.css";
import { SideForm } from "./SideForm.tsx";

interface Props {
  /** Null: a new one. */
  role: Role | null;
  known: Role[];
  onDone: (words: string) => void;
  onClose: () => void;
}

/** What a security role of the organization allows. */
export function RoleEditor({ role, known, onDone, onClose }: Props) {
  const { t } = useL10n();
  return (
    <SideForm
      title={role ? t(role.is_undefined ? "role-define-named" : "role-edit", { name: role.name }) : t("role-new")}
      onClose={onClose}
    >
      <Rights role={role} known={known} onDone={onDone} />
      {role && !role.is_undefined ? <Removal role={role} onDone={onDone} /> : null}
    </SideForm>
  );
}

function Rights({ role, known, onDone }: Omit<Props, "onClose">) {
  const { t } = useL10n();
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const [reads, setReads] = useState(depthOf(role?.rights.reads ?? "none"));
  const [chosen, setChosen] = useState(depthOf(role?.rights.writes ?? "none"));
  const [tasks, setTasks] = useState(role?.rights.tasks ?? []);
  // Nobody writes what they do not see: whoever reads less writes less.
  const writes = isDeeper(chosen, reads) ? reads : chosen;
  const name = role?.name ?? typed.trim();
  const isTaken = role === null && known.some((other) => !other.is_undefined && isSame(other.name, name));
  const save = useMutation({
    mutationFn: () => putRole(name, { reads, writes, tasks }),
    onSuccess: () => {
      // Rights decide about everything that is shown.
      void queries.invalidateQueries();
      onDone(t("role-saved", { name }));
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {role === null ? (
        <Field required label={t("role-name")} validationMessage={isTaken ? t("role-taken") : undefined}>
          <Input value={typed} maxLength={200} onChange={(_, { value }) => setTyped(value)} />
        </Field>
      ) : null}
      <Field label={t("role-reads")} hint={t("role-depth-hint")}>
        <RadioGroup value={reads} onChange={(_, { value }) => setReads(depthOf(value))}>
          {DEPTHS.map((depth) => (
            <Radio key={depth} value={depth} label={t(DEPTH_LABELS[depth])} />
          ))}
        </RadioGroup>
      </Field>
      <Field label={t("role-writes")} hint={t("role-writes-hint")}>
        <RadioGroup value={writes} onChange={(_, { value }) => setChosen(depthOf(value))}>
          {DEPTHS.map((depth) => (
            <Radio key={depth} value={depth} disabled={isDeeper(depth, reads)} label={t(DEPTH_LABELS[depth])} />
          ))}
        </RadioGroup>
      </Field>
      <fieldset className={styles.choices}>
        <legend>{t("role-tasks")}</legend>
        {Object.entries(TASK_LABELS).map(([task, label]) => (
          <Checkbox
            key={task}
            label={t(label)}
            checked={tasks.includes(task)}
            onChange={(_, { checked }) =>
              setTasks((held) => (checked === true ? [...held, task] : held.filter((other) => other !== task)))
            }
          />
        ))}
      </fieldset>
      {tasks.includes("configure") && tasks.includes("consent") ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t("consent-self")}</MessageBarBody>
        </MessageBar>
      ) : null}
      <ChangeProblem problem={save.error} />
      <div>
        <Button type="submit" appearance="primary" disabled={name === "" || isTaken || save.isPending}>
          {t("action-save")}
        </Button>
      </div>
    </form>
  );
}

/** The server takes upper and lower case for one. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function Removal({ role, onDone }: { role: Role; onDone: (words: string) => void }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const queries = useQueryClient();
  const [isSure, setSure] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteRole(role.name),
    onSuccess: () => {
      void queries.invalidateQueries();
      onDone(t("role-deleted", { name: role.name }));
    },
  });
  return (
    <section aria-labelledby="role-delete" className={styles.form}>
      <h3 id="role-delete">{t("role-delete")}</h3>
      {role.users > 0 ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t("role-delete-users", { count: role.users, users: number(role.users) })}</MessageBarBody>
        </MessageBar>
      ) : (
        <p className={styles.note}>{t("role-delete-nobody")}</p>
      )}
      <Checkbox checked={isSure} label={t("role-delete-sure")} onChange={(_, { checked }) => setSure(checked === true)} />
      <ChangeProblem problem={remove.error} />
      <div>
        <Button disabled={!isSure || remove.isPending} onClick={() => remove.mutate()}>
          {t("role-delete-do", { name: role.name })}
        </Button>
      </div>
    </section>
  );
}
