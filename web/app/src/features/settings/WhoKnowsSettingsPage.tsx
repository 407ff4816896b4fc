import { Button, Field, MessageBar, MessageBarBody, Switch, Textarea } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { enablingQuery, putEnabling, type Enabling } from "@/api/enabling.ts";
import { meQuery } from "@/api/people.ts";
import { putSetting, settingsQuery, type Setting } from "@/api/settings.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { filled } from "@/components/who-knows/introduction.ts";
import { usePreferences } from "@/frame/preferences.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { Loading } from "./Loading.tsx";
import { SettingRow } from "./SettingRow.tsx";
import { tasksOfSetting } from "./settingTexts.ts";
import styles from "./Settings.module.css";
import { useEnablingChange } from "./useEnabling.ts";
import { useMay } from "./useMay.ts";
import { WhoMay } from "./WhoMay.tsx";

const TEMPLATE = "who_knows.template";

const LIMITS: [string, MessageId][] = [
  ["ties.strong", "setting-tie-strong"],
  ["ties.medium", "setting-tie-medium"],
  ["who_knows.introducers", "setting-introducers"],
  ["who_knows.open_requests", "setting-open-requests"],
];

/** Who knows whom: on or off, how the strengths are called, and the text that asks for an introduction. */
export function WhoKnowsSettingsPage() {
  const { t } = useL10n();
  const settings = useQuery(settingsQuery());
  const enabling = useQuery(enablingQuery());
  const isWaiting = useMay()() === null;
  const problem = settings.error ?? enabling.error;
  if (problem) return <ProblemState problem={problem} retry={() => void Promise.all([settings.refetch(), enabling.refetch()])} />;
  const known = settings.data?.items ?? [];
  const template = known.find(({ key }) => key === TEMPLATE);
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-who-knows")}</h1>
      {enabling.data && settings.data && !isWaiting ? (
        <>
          <OnOff enabling={enabling.data} />
          <section aria-labelledby="who-knows-limits" className={styles.panel}>
            <h2 id="who-knows-limits">{t("who-knows-limits")}</h2>
            {LIMITS.map(([key, label]) => {
              const setting = known.find((candidate) => candidate.key === key);
              return setting ? <SettingRow key={key} saysWho setting={setting} label={t(label)} /> : null;
            })}
          </section>
          {template ? <Template key={template.value} stored={template} /> : null}
        </>
      ) : (
        <Loading />
      )}
    </div>
  );
}

function OnOff({ enabling }: { enabling: Enabling }) {
  const { t } = useL10n();
  const change = useEnablingChange(putEnabling);
  const maySwitch = useMay()("configure") === true;
  const { mailbox } = enabling;
  const set = (whoKnows: boolean) =>
    change.mutate({
      relationship_analytics: enabling.relationship_analytics,
      who_knows_whom: whoKnows,
      mailbox: mailbox.is_on,
      all_roles: mailbox.all_roles,
      roles: mailbox.all_roles ? [] : mailbox.roles.filter((role) => role.is_chosen).map((role) => role.name),
      keeps_stored: mailbox.keeps_stored,
    });
  return (
    <section aria-labelledby="who-knows-on" className={styles.panel}>
      <h2 id="who-knows-on">{t("who-knows-on")}</h2>
      {enabling.enabled_at == null ? (
        <p>
          {t("who-knows-not-enabled")} <Link to="/settings/overview">{t("page-overview")}</Link>
        </p>
      ) : (
        <Switch
          checked={enabling.who_knows_whom}
          disabled={change.isPending || enabling.premium_since == null || !maySwitch}
          label={t(enabling.who_knows_whom ? "value-on" : "value-off")}
          aria-labelledby="who-knows-on"
          onChange={(_, { checked }) => set(checked)}
        />
      )}
      <WhoMay what="configure" />
      <ChangeProblem problem={change.error} />
    </section>
  );
}

function Template({ stored }: { stored: Setting }) {
  const { t } = useL10n();
  const { viewer } = usePreferences().preferences;
  const me = useQuery(meQuery(viewer)).data?.viewer?.name;
  const queries = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const maySet = useMay()(...tasksOfSetting(TEMPLATE)) === true;
  const save = useMutation({
    mutationFn: (text: string) => putSetting(TEMPLATE, text),
    onSuccess: () => queries.invalidateQueries(),
  });
  const own = t("introduce-template");
  const text = typed ?? (stored.value || own);
  const names = {
    colleague: t("who-knows-sample-colleague"),
    target: t("who-knows-sample-target"),
    me: me ?? t("who-knows-sample-me"),
  };
  return (
    <section aria-labelledby="who-knows-template" className={styles.panel}>
      <h2 id="who-knows-template">{t("who-knows-template")}</h2>
      <p className={styles.note}>{t("who-knows-template-text", { colleague: "{colleague}", target: "{target}", me: "{me}" })}</p>
      <form
        className={styles.upload}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(text);
        }}
      >
        <Field label={t("introduce-message")}>
          <Textarea rows={7} maxLength={4000} readOnly={!maySet} value={text} onChange={(_, { value }) => setTyped(value)} />
        </Field>
        {text.includes("{target}") ? null : (
          <MessageBar intent="warning">
            <MessageBarBody>{t("who-knows-no-target", { target: "{target}" })}</MessageBarBody>
          </MessageBar>
        )}
        <WhoMay what="customize" />
        {maySet ? (
          <div className={styles.buttons}>
            <Button type="submit" appearance="primary" disabled={save.isPending || typed === null || typed === stored.value}>
              {t("action-save")}
            </Button>
            <Button disabled={save.isPending || stored.value === ""} onClick={() => save.mutate("")}>
              {t("who-knows-template-reset")}
            </Button>
          </div>
        ) : null}
        <ChangeProblem problem={save.error} />
      </form>
      <h3>{t("who-knows-preview")}</h3>
      <p className={styles.preview}>{filled(text, names)}</p>
    </section>
  );
}
