import { Button, Checkbox, Field, MessageBar, MessageBarBody, Radio, RadioGroup, Switch } from "@fluentui/react-components";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { putEnabling, type Enabling } from "@/api/enabling.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import styles from "./Settings.module.css";
import { useEnablingChange } from "./useEnabling.ts";
import { useMay } from "./useMay.ts";
import { WhoMay } from "./WhoMay.tsx";

interface Draft {
  analytics: boolean;
  whoKnows: boolean;
  mailbox: boolean;
  allRoles: boolean;
  roles: string[];
  keeps: boolean;
}

/** Both features are on by default, and mailbox data is asked for; nothing holds before it is saved. */
function draftOf(enabling: Enabling): Draft {
  const isFirst = enabling.enabled_at == null;
  const { mailbox } = enabling;
  return {
    analytics: isFirst || enabling.relationship_analytics,
    whoKnows: isFirst || enabling.who_knows_whom,
    mailbox: isFirst || mailbox.is_on,
    allRoles: mailbox.all_roles,
    roles: mailbox.roles.filter((role) => role.is_chosen).map((role) => role.name),
    keeps: mailbox.keeps_stored,
  };
}

/** Switches of the features, whose mailboxes are used, Save. */
export function EnablingForm({ enabling }: { enabling: Enabling }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const stored = draftOf(enabling);
  const [changed, setChanged] = useState<Partial<Draft>>({});
  const draft = { ...stored, ...changed };
  const set = (next: Partial<Draft>) => setChanged({ ...changed, ...next });
  const save = useEnablingChange(putEnabling);
  const isReadOnly = useMay()("configure") !== true;
  const hasNobody = draft.mailbox && !draft.allRoles && draft.roles.length === 0;
  const switchesOff = enabling.mailbox.is_on && !draft.mailbox;
  const choose = (role: string, isChosen: boolean) =>
    set({ roles: isChosen ? [...draft.roles, role] : draft.roles.filter((chosen) => chosen !== role) });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(
          {
            relationship_analytics: draft.analytics,
            who_knows_whom: draft.whoKnows,
            mailbox: draft.mailbox,
            all_roles: draft.allRoles,
            roles: draft.allRoles ? [] : draft.roles,
            keeps_stored: !draft.mailbox && draft.keeps,
          },
          { onSuccess: () => setChanged({}) },
        );
      }}
    >
      <section aria-labelledby="overview-features" className={styles.panel}>
        <h2 id="overview-features">{t("overview-features")}</h2>
        <Feature
          label={t("feature-analytics")}
          text={t("overview-start-analytics")}
          isOn={draft.analytics}
          isReadOnly={isReadOnly}
          set={(analytics) => set({ analytics })}
        >
          <Link to="/settings/health" aria-label={t("overview-options-of", { feature: t("feature-analytics") })}>
            {t("overview-options")}
          </Link>
        </Feature>
        <Feature
          label={t("feature-who-knows")}
          text={t("overview-start-who-knows")}
          isOn={draft.whoKnows}
          isReadOnly={isReadOnly}
          set={(whoKnows) => set({ whoKnows })}
        >
          <Link to="/settings/who-knows" aria-label={t("overview-options-of", { feature: t("feature-who-knows") })}>
            {t("overview-options")}
          </Link>
        </Feature>
        <Feature
          label={t("feature-mailbox")}
          text={t("overview-start-mailbox")}
          isOn={draft.mailbox}
          isReadOnly={isReadOnly}
          set={(mailbox) => set({ mailbox })}
        />
        {switchesOff ? (
          <Field label={t("overview-stored")}>
            <RadioGroup value={draft.keeps ? "keep" : "delete"} onChange={(_, { value }) => set({ keeps: value === "keep" })}>
              <Radio value="delete" label={t("overview-stored-delete")} />
              <Radio value="keep" label={t("overview-stored-keep")} />
            </RadioGroup>
          </Field>
        ) : null}
      </section>
      <section aria-labelledby="overview-roles" className={styles.panel}>
        <h2 id="overview-roles">{t("overview-roles")}</h2>
        <p className={styles.note}>{t("overview-roles-text")}</p>
        <Checkbox
          checked={draft.allRoles}
          disabled={isReadOnly || !draft.mailbox}
          label={t("overview-roles-all")}
          onChange={(_, { checked }) => set({ allRoles: checked === true })}
        />
        <div role="group" aria-labelledby="overview-roles" className={styles.choices}>
          {enabling.mailbox.roles.map(({ name, users }) => (
            <Checkbox
              key={name}
              checked={draft.allRoles || draft.roles.includes(name)}
              disabled={isReadOnly || !draft.mailbox || draft.allRoles}
              label={t("overview-role", { role: name, users: number(users) })}
              onChange={(_, { checked }) => choose(name, checked === true)}
            />
          ))}
        </div>
        {hasNobody ? (
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>{t("overview-roles-none")}</MessageBarBody>
          </MessageBar>
        ) : null}
      </section>
      <WhoMay what="configure" />
      <ChangeProblem problem={save.error} />
      {isReadOnly ? null : (
        <div className={styles.actions}>
          <Button type="submit" appearance="primary" disabled={save.isPending || enabling.premium_since == null}>
            {t("action-save")}
          </Button>
          <span role="status" className={styles.note}>
            {save.isSuccess && Object.keys(changed).length === 0 ? t("health-saved") : ""}
          </span>
        </div>
      )}
    </form>
  );
}

interface FeatureProps {
  label: string;
  text: string;
  isOn: boolean;
  isReadOnly: boolean;
  set: (isOn: boolean) => void;
  children?: ReactNode;
}

function Feature({ label, text, isOn, isReadOnly, set, children }: FeatureProps) {
  return (
    <div className={styles.feature}>
      <Switch checked={isOn} disabled={isReadOnly} label={label} onChange={(_, { checked }) => set(checked)} />
      {children}
      <p className={styles.note}>{text}</p>
    </div>
  );
}
