import {
  Button,
  Checkbox,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  Radio,
  RadioGroup,
  Textarea,
} from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { inviteUser, putUser, removeSignIn, rolesQuery, usersQuery, type Role, type User } from "@/api/people.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { LICENCES } from "./licences.ts";
import { Loading } from "./Loading.tsx";
import styles from "./Settings.module.css";
import { SideForm } from "./SideForm.tsx";

const lines = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** A user's licence, roles, groups, unit and teams, and how they sign in. */
export function UserEditor({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useL10n();
  const roles = useQuery(rolesQuery());
  return (
    <SideForm title={t("user-edit", { name: user.name })} onClose={onClose}>
      {roles.error ? <ProblemState isSmall problem={roles.error} retry={() => void roles.refetch()} /> : null}
      {roles.isPending ? <Loading /> : null}
      {roles.data ? <Rights user={user} known={roles.data.items} /> : null}
      <SignInOf user={user} />
    </SideForm>
  );
}

function Rights({ user, known: all }: { user: User; known: Role[] }) {
  const { t } = useL10n();
  const queries = useQueryClient();
  const known = all.filter((role) => !role.is_undefined).map(({ name }) => name);
  const [licence, setLicence] = useState(user.licence);
  const [roles, setRoles] = useState(user.roles);
  const [groups, setGroups] = useState(user.groups.join("\n"));
  const [unit, setUnit] = useState(user.business_unit ?? "");
  const [teams, setTeams] = useState(user.teams.join("\n"));
  const others = roles.filter((role) => !known.includes(role));
  const save = useMutation({
    mutationFn: () => putUser(user.email, { licence, roles, groups: lines(groups), teams: lines(teams), business_unit: unit }),
    // Rights decide about everything that is shown.
    onSuccess: () => queries.invalidateQueries(),
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <Field label={t("user-licence-field")}>
        <RadioGroup value={licence} onChange={(_, { value }) => setLicence(value)}>
          {Object.entries(LICENCES).map(([value, label]) => (
            <Radio key={value} value={value} label={t(label)} />
          ))}
        </RadioGroup>
      </Field>
      <fieldset className={styles.choices}>
        <legend>{t("user-roles-field")}</legend>
        {known.map((role) => (
          <Checkbox
            key={role}
            label={role}
            checked={roles.includes(role)}
            onChange={(_, { checked }) =>
              setRoles((held) => (checked === true ? [...held, role] : held.filter((other) => other !== role)))
            }
          />
        ))}
      </fieldset>
      <Field label={t("user-roles-other")}>
        <Textarea
          defaultValue={others.join("\n")}
          onChange={(_, { value }) => setRoles((held) => [...held.filter((role) => known.includes(role)), ...lines(value)])}
        />
      </Field>
      <Field label={t("user-groups-field")}>
        <Textarea value={groups} onChange={(_, { value }) => setGroups(value)} />
      </Field>
      <Field label={t("user-unit")} hint={t("user-unit-hint")}>
        <Input value={unit} onChange={(_, { value }) => setUnit(value)} />
      </Field>
      <Field label={t("user-teams")}>
        <Textarea value={teams} onChange={(_, { value }) => setTeams(value)} />
      </Field>
      <ChangeProblem problem={save.error} />
      {save.isSuccess ? (
        <MessageBar intent="success">
          <MessageBarBody>{t("user-saved")}</MessageBarBody>
        </MessageBar>
      ) : null}
      <div>
        <Button type="submit" appearance="primary" disabled={save.isPending}>
          {t("action-save")}
        </Button>
      </div>
    </form>
  );
}

function SignInOf({ user }: { user: User }) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  const queries = useQueryClient();
  const invite = useMutation({ mutationFn: () => inviteUser(user.email) });
  const remove = useMutation({
    mutationFn: () => removeSignIn(user.email),
    onSuccess: () => queries.invalidateQueries({ queryKey: usersQuery().queryKey }),
  });
  // The server knows its public address, or leaves it to the page that asks.
  const link = invite.data ? new URL(invite.data.link, globalThis.location.origin).href : null;
  return (
    <section aria-labelledby="user-sign-in" className={styles.form}>
      <h3 id="user-sign-in">{t("sign-in-title")}</h3>
      <ChangeProblem problem={invite.error ?? remove.error} />
      <div className={styles.buttons}>
        <Button disabled={invite.isPending} onClick={() => invite.mutate()}>
          {t("user-invite")}
        </Button>
        <Button disabled={remove.isPending} onClick={() => remove.mutate()}>
          {t("user-sign-in-remove")}
        </Button>
      </div>
      {link && invite.data ? (
        <MessageBar intent="success" layout="multiline">
          <MessageBarBody>
            {t("user-invite-text", { name: user.name, until: dateTime(invite.data.expires_at) })}
            <br />
            <code className={styles.hash}>{link}</code>
          </MessageBarBody>
        </MessageBar>
      ) : null}
      {remove.isSuccess ? (
        <MessageBar intent="success" layout="multiline">
          <MessageBarBody>{t("user-sign-in-removed", { name: user.name })}</MessageBarBody>
        </MessageBar>
      ) : null}
    </section>
  );
}
