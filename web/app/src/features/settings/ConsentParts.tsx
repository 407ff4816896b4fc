import { Button, Checkbox, Field, MessageBar, MessageBarBody, Textarea } from "@fluentui/react-components";
import { useState, type ReactNode } from "react";
import type { Enabling } from "@/api/enabling.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./Settings.module.css";

/** What consent is asked for. */
interface Asked {
  organization: string;
  relationship_analytics: boolean;
  who_knows_whom: boolean;
  /** Selected security roles; null: everybody's mailbox. */
  roles: string[] | null;
  mailboxes: number;
  users: number;
  /** Excluded security groups: by name, or how many where names are not told. */
  excluded: string[] | number;
  location: string | null;
  /** When the 14 days end; null: none runs. */
  deadline: string | null;
}

const PERMISSIONS = ["Mail.ReadBasic.All", "Calendars.ReadBasic.All"];
/** Further ones, where users come from Microsoft 365 too. */
const OF_USERS = ["User.Read.All", "GroupMember.Read.All"];

const LIMITING: MessageId[] = [
  "consent-limiting-group",
  "consent-limiting-scope",
  "consent-limiting-proof",
  "consent-limiting-files",
];

/** Who asks, why, what is read by which permissions, whose, until when, and how the permission itself can be limited to these. */
export function AskedFor({ asked }: { asked: Asked }) {
  const { t } = useL10n();
  const { number, list, dateTime } = useFormats();
  const { excluded } = asked;
  const features = [
    asked.relationship_analytics ? t("feature-analytics") : "",
    asked.who_knows_whom ? t("feature-who-knows") : "",
  ].filter((feature) => feature !== "");
  const rows: [string, string][] = [
    [t("consent-who"), t("consent-who-text", { organization: asked.organization })],
    [t("consent-purpose"), t("consent-purpose-text")],
    [t("consent-features"), features.length > 0 ? list(features) : t("consent-features-none")],
    [t("consent-read"), t("consent-read-text")],
    [t("consent-never"), t("privacy-never-text")],
    [t("consent-permissions"), t("consent-permissions-text", { permissions: list(PERMISSIONS), users: list(OF_USERS) })],
    [
      t("consent-whose"),
      asked.roles === null
        ? t("consent-whose-all", { users: number(asked.mailboxes) })
        : t("consent-whose-roles", {
            users: number(asked.mailboxes),
            all: number(asked.users),
            roles: asked.roles.length > 0 ? list(asked.roles) : t("consent-whose-nobody"),
          }),
    ],
    [
      t("consent-groups"),
      typeof excluded === "number"
        ? t("consent-excluded-count", { count: excluded })
        : excluded.length > 0
          ? list(excluded)
          : t("consent-excluded-count", { count: 0 }),
    ],
    [t("consent-limit"), t("consent-limit-text")],
    [t("consent-where"), asked.location ?? t("consent-where-unknown")],
    [t("consent-deadline"), asked.deadline ? dateTime(asked.deadline) : t("consent-deadline-none")],
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
      <details className={styles.details}>
        <summary>{t("consent-limiting")}</summary>
        <ol>
          {LIMITING.map((step) => (
            <li key={step}>{t(step)}</li>
          ))}
        </ol>
      </details>
    </section>
  );
}

interface GroupsProps {
  groups: Enabling["mailbox"]["excluded_groups"];
  isPending: boolean;
  /** Whether whoever looks may choose. */
  mayChoose: boolean;
  onChoose: (groups: string[]) => void;
  /** What went wrong, if anything did. */
  children: ReactNode;
}

/** Security groups whose members' mailboxes are left out; each choice takes effect at once. */
export function ExcludedGroups({ groups, isPending, mayChoose, onChoose, children }: GroupsProps) {
  const { t } = useL10n();
  const { number } = useFormats();
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
            disabled={isPending || !mayChoose}
            label={t("overview-role", { role: name, users: number(users) })}
            onChange={(_, { checked }) =>
              onChoose(checked === true ? [...chosen, name] : chosen.filter((group) => group !== name))
            }
          />
        ))}
      </div>
      {children}
    </section>
  );
}

/** What can be answered to the request. */
type Answer = { action: "grant"; text: string } | { action: "decline" } | { action: "revoke" };

interface AnswerProps {
  consent: { state: string; since?: string | null; text: string };
  isPending: boolean;
  /** What whoever looks may answer. */
  may: { answer: boolean; withdraw: boolean };
  /** Whether they may also enable what is consented to. */
  mayEnable?: boolean;
  onAnswer: (answer: Answer) => void;
  /** Where to go when nobody asks. */
  elsewhere?: ReactNode;
  /** What went wrong, if anything did. */
  children: ReactNode;
}

/** Granting or declining what is asked for, withdrawing what was granted. */
export function ConsentAnswer({ consent, isPending, may, mayEnable = false, onAnswer, elsewhere, children }: AnswerProps) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  return (
    <section aria-labelledby="consent-answer" className={styles.panel}>
      <h2 id="consent-answer">{t("consent-answer")}</h2>
      {consent.state === "pending" && may.answer ? (
        <Grant isPending={isPending} mayEnable={mayEnable} onAnswer={onAnswer} />
      ) : null}
      {consent.state === "granted" ? (
        <>
          <p>{t("consent-granted", { since: dateTime(consent.since), text: consent.text })}</p>
          {may.withdraw ? <Withdraw isPending={isPending} onAnswer={onAnswer} /> : null}
        </>
      ) : null}
      {consent.state !== "pending" && consent.state !== "granted" ? (
        <p>
          {t("consent-nobody-asks")} {elsewhere}
        </p>
      ) : null}
      {children}
    </section>
  );
}

function Grant({ isPending, mayEnable, onAnswer }: Pick<AnswerProps, "isPending" | "mayEnable" | "onAnswer">) {
  const { t } = useL10n();
  const [text, setText] = useState("");
  return (
    <form
      className={styles.upload}
      onSubmit={(event) => {
        event.preventDefault();
        onAnswer({ action: "grant", text });
      }}
    >
      {mayEnable ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t("consent-self")}</MessageBarBody>
        </MessageBar>
      ) : null}
      <Field required label={t("consent-text")} hint={t("consent-text-hint")}>
        <Textarea value={text} maxLength={2000} onChange={(_, { value }) => setText(value)} />
      </Field>
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" disabled={text.trim() === "" || isPending}>
          {t("consent-grant")}
        </Button>
        <Button disabled={isPending} onClick={() => onAnswer({ action: "decline" })}>
          {t("consent-decline")}
        </Button>
      </div>
    </form>
  );
}

function Withdraw({ isPending, onAnswer }: Pick<AnswerProps, "isPending" | "onAnswer">) {
  const { t } = useL10n();
  const [isSure, setSure] = useState(false);
  return (
    <div className={styles.upload}>
      <p className={styles.note}>{t("consent-withdraw-text")}</p>
      <Checkbox checked={isSure} label={t("consent-withdraw-sure")} onChange={(_, { checked }) => setSure(checked === true)} />
      <div className={styles.buttons}>
        <Button disabled={!isSure || isPending} onClick={() => onAnswer({ action: "revoke" })}>
          {t("consent-withdraw")}
        </Button>
      </div>
    </div>
  );
}
