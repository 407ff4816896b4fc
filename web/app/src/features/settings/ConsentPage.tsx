import { Button, Checkbox, Field, MessageBar, MessageBarBody, Textarea } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { enablingQuery, postConsent, putExcludedGroups, type Enabling } from "@/api/enabling.ts";
import { meQuery } from "@/api/people.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { EnablingBanner } from "./EnablingBanner.tsx";
import styles from "./Settings.module.css";
import { useEnablingChange } from "./useEnabling.ts";

/** What is agreed to, by whoever may agree to it: who asks, why, what is read, whose, until when. */
export function ConsentPage() {
  const { t } = useL10n();
  const enabling = useQuery(enablingQuery());
  if (enabling.error) return <ProblemState problem={enabling.error} retry={() => void enabling.refetch()} />;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-consent")}</h1>
      {enabling.data ? (
        <>
          <EnablingBanner enabling={enabling.data} />
          <Request enabling={enabling.data} />
          <Groups enabling={enabling.data} />
          <Answer enabling={enabling.data} />
        </>
      ) : null}
    </div>
  );
}

function Request({ enabling }: { enabling: Enabling }) {
  const { t } = useL10n();
  const { number, list } = useFormats();
  const me = useQuery(meQuery(null)).data;
  const { mailbox } = enabling;
  const roles = mailbox.roles.filter((role) => role.is_chosen).map((role) => role.name);
  const features = [
    enabling.relationship_analytics ? t("feature-analytics") : "",
    enabling.who_knows_whom ? t("feature-who-knows") : "",
  ].filter((feature) => feature !== "");
  const rows: [string, string][] = [
    [t("consent-who"), me?.organization.name ?? ""],
    [t("consent-purpose"), t("consent-purpose-text")],
    [t("consent-features"), features.length > 0 ? list(features) : t("consent-features-none")],
    [t("consent-read"), t("consent-read-text")],
    [t("consent-never"), t("privacy-never-text")],
    [
      t("consent-whose"),
      mailbox.all_roles
        ? t("consent-whose-all", { users: number(mailbox.selected_users) })
        : t("consent-whose-roles", {
            users: number(mailbox.selected_users),
            all: number(mailbox.users),
            roles: roles.length > 0 ? list(roles) : t("consent-whose-nobody"),
          }),
    ],
    [t("consent-limit"), t("consent-limit-text")],
  ];
  return (
    <section aria-labelledby="consent-request" className={styles.panel}>
      <h2 id="consent-request">{t("consent-request")}</h2>
      <dl className={styles.facts}>
        {rows.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Groups({ enabling }: { enabling: Enabling }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const change = useEnablingChange(putExcludedGroups);
  const groups = enabling.mailbox.excluded_groups;
  const chosen = groups.filter((group) => group.is_chosen).map((group) => group.name);
  return (
    <section aria-labelledby="consent-groups" className={styles.panel}>
      <h2 id="consent-groups">{t("consent-groups")}</h2>
      <p className={styles.note}>{t(groups.length > 0 ? "consent-groups-text" : "consent-groups-none")}</p>
      <div role="group" aria-labelledby="consent-groups" className={styles.choices}>
        {groups.map(({ name, users, is_chosen: isChosen }) => (
          <Checkbox
            key={name}
            checked={isChosen}
            disabled={change.isPending}
            label={t("overview-role", { role: name, users: number(users) })}
            onChange={(_, { checked }) =>
              change.mutate(checked === true ? [...chosen, name] : chosen.filter((group) => group !== name))
            }
          />
        ))}
      </div>
      <ChangeProblem problem={change.error} />
    </section>
  );
}

function Answer({ enabling }: { enabling: Enabling }) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  const [text, setText] = useState("");
  const [isSure, setSure] = useState(false);
  const change = useEnablingChange(postConsent);
  const { consent } = enabling;
  return (
    <section aria-labelledby="consent-answer" className={styles.panel}>
      <h2 id="consent-answer">{t("consent-answer")}</h2>
      {consent.state === "pending" ? (
        <form
          className={styles.upload}
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate({ action: "grant", text });
          }}
        >
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>{t("consent-self")}</MessageBarBody>
          </MessageBar>
          <Field required label={t("consent-text")} hint={t("consent-text-hint")}>
            <Textarea value={text} maxLength={2000} onChange={(_, { value }) => setText(value)} />
          </Field>
          <div className={styles.buttons}>
            <Button type="submit" appearance="primary" disabled={text.trim() === "" || change.isPending}>
              {t("consent-grant")}
            </Button>
            <Button disabled={change.isPending} onClick={() => change.mutate({ action: "decline" })}>
              {t("consent-decline")}
            </Button>
          </div>
        </form>
      ) : null}
      {consent.state === "granted" ? (
        <div className={styles.upload}>
          <p>{t("consent-granted", { since: dateTime(consent.since), text: consent.text })}</p>
          <p className={styles.note}>{t("consent-withdraw-text")}</p>
          <Checkbox
            checked={isSure}
            label={t("consent-withdraw-sure")}
            onChange={(_, { checked }) => setSure(checked === true)}
          />
          <div className={styles.buttons}>
            <Button disabled={!isSure || change.isPending} onClick={() => change.mutate({ action: "revoke" })}>
              {t("consent-withdraw")}
            </Button>
          </div>
        </div>
      ) : null}
      {consent.state !== "pending" && consent.state !== "granted" ? (
        <p>
          {t("consent-nobody-asks")} <Link to="/settings/overview">{t("page-overview")}</Link>
        </p>
      ) : null}
      <ChangeProblem problem={change.error} />
    </section>
  );
}
