import { Button, Field, Input, Link, MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { auditCheckQuery, auditFile, auditQuery, type AuditCheck, type AuditEntry } from "@/api/audit.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { NOTHING } from "@/i18n/formats.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./Settings.module.css";

const ACTIONS: Record<string, MessageId> = {
  "consent.requested": "audit-consent-requested",
  "consent.granted": "audit-consent-granted",
  "consent.not_requested": "audit-consent-not-requested",
  "consent.expired": "audit-consent-expired",
  "consent.declined": "audit-consent-declined",
  "consent.revoked": "audit-consent-revoked",
  "consent.self_approved": "audit-consent-self-approved",
  "tenant_administrator.signed_in": "audit-tenant-administrator",
  relationship_intelligence: "audit-enabled",
  "mailbox_notice.given": "audit-notice-given",
  "mailbox_notice.taken_back": "audit-notice-taken-back",
  "group.changed": "audit-group-changed",
  "form.registered": "audit-form-registered",
  "form.deleted": "audit-form-deleted",
  "internal_domain.added": "audit-domain-added",
  premium_features: "audit-premium",
  relationship_analytics: "audit-analytics",
  who_knows_whom: "audit-who-knows",
  mailbox_data: "audit-mailbox",
  "mailbox_data.stored": "audit-mailbox-stored",
  "mailbox_data.deleted": "audit-mailbox-deleted",
  "retention.deleted": "audit-retention",
  roles: "audit-roles",
  excluded_groups: "audit-groups",
  data_location: "audit-location",
  "settings.set": "audit-settings-set",
  "session.begun": "audit-session-begun",
  "session.ended": "audit-session-ended",
  "token.created": "audit-token-created",
  "token.deleted": "audit-token-deleted",
  "account.password_set": "audit-password-set",
  "account.invited": "audit-invited",
  "account.removed": "audit-sign-in-removed",
  "user.changed": "audit-user-changed",
  "role.set": "audit-role-set",
  "role.deleted": "audit-role-deleted",
  "identity.linked": "audit-identity-linked",
  "identity_provider.set": "audit-provider-set",
  "identity_provider.deleted": "audit-provider-deleted",
  "secrets.key_exchanged": "audit-secrets-key-exchanged",
  "connector.added": "audit-connector-added",
  "connector.changed": "audit-connector-changed",
  "connector.removed": "audit-connector-removed",
  "connector.permissions": "audit-connector-permissions",
  "connector.probed": "audit-connector-probed",
  "capture.paused": "audit-capture-paused",
  "capture.resumed": "audit-capture-resumed",
  "capture.restarted": "audit-capture-restarted",
  "capture.login_set": "audit-capture-login-set",
  "capture.login_removed": "audit-capture-login-removed",
  "people.merged": "audit-people-merged",
  "people.split": "audit-people-split",
  "person.erased": "audit-person-erased",
  "user.opted_out": "audit-opted-out",
  "user.private_contacts": "audit-private-contacts",
  "private_contacts.deleted": "audit-private-deleted",
  "privacy_request.created": "audit-request-created",
  "privacy_request.ended": "audit-request-ended",
  "user.asks_first": "audit-asks-first",
  "user.shown_at_once": "audit-shown-at-once",
  "works_council.on": "audit-council-on",
  "works_council.off": "audit-council-off",
  "works_council.off_asked": "audit-council-off-asked",
  "works_council.kept_on": "audit-council-kept-on",
  "user.opted_in": "audit-opted-in",
  "objection.kept": "audit-objection-kept",
  "objection.lifted": "audit-objection-lifted",
};

const FAULTS: Record<string, MessageId> = {
  missing: "audit-fault-missing",
  chain: "audit-fault-chain",
  text: "audit-fault-text",
  redacted: "audit-fault-redacted",
  noted: "audit-fault-noted",
};

/** Who did what when, and the proof that nothing of it was changed. */
export function AuditPage() {
  const { t } = useL10n();
  const log = useInfiniteQuery(auditQuery());
  const entries = log.data?.pages.flatMap((page) => page.items) ?? [];
  if (log.error) return <ProblemState problem={log.error} retry={() => void log.refetch()} />;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-audit")}</h1>
      <Proof />
      <section aria-labelledby="audit-entries" className={styles.panel}>
        <h2 id="audit-entries">{t("audit-entries")}</h2>
        {log.isSuccess && entries.length === 0 ? (
          <StateBox isSmall title={t("audit-none")} text={t("audit-none-text")} />
        ) : (
          <Entries entries={entries} />
        )}
        {log.hasNextPage ? (
          <Button disabled={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {t("audit-more")}
          </Button>
        ) : null}
        <p>
          <ArrowDownloadRegular aria-hidden />{" "}
          <Link inline href={auditFile("csv")} download="audit.csv">
            {t("audit-csv")}
          </Link>{" "}
          <Link inline href={auditFile("jsonl")} download="audit.jsonl">
            {t("audit-jsonl")}
          </Link>
        </p>
      </section>
    </div>
  );
}

/** The state of the chain, and what to write down. */
function Proof() {
  const { t } = useL10n();
  const [typed, setTyped] = useState("");
  const [noted, setNoted] = useState<string | undefined>(undefined);
  const check = useQuery(auditCheckQuery(noted));
  return (
    <section aria-labelledby="audit-proof" className={styles.panel}>
      <h2 id="audit-proof">{t("audit-proof")}</h2>
      {check.data ? <Outcome check={check.data} noted={noted} /> : null}
      <p>{t("audit-how")}</p>
      <form
        className={styles.proof}
        onSubmit={(event) => {
          event.preventDefault();
          setNoted(typed.trim() || undefined);
        }}
      >
        <Field label={t("audit-noted")} hint={t("audit-noted-hint")} validationMessage={check.error?.message}>
          <Input value={typed} onChange={(_, data) => setTyped(data.value)} />
        </Field>
        <Button type="submit">{t("audit-check")}</Button>
      </form>
    </section>
  );
}

function Outcome({ check, noted }: { check: AuditCheck; noted: string | undefined }) {
  const { t } = useL10n();
  const { number } = useFormats();
  return (
    <>
      <MessageBar intent={check.ok ? "success" : "error"} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{t(check.ok ? (noted ? "audit-ok-noted" : "audit-ok") : "audit-broken")}</MessageBarTitle>
          {t("audit-counts", { entries: number(check.entries), redacted: number(check.redacted) })}
        </MessageBarBody>
      </MessageBar>
      {check.ok ? null : (
        <ul>
          {check.problems.map(({ number: entry, fault }) => (
            <li key={`${entry}/${fault}`}>
              {t("audit-problem", { entry: number(entry), problem: t(FAULTS[fault] ?? "audit-fault-chain") })}
            </li>
          ))}
        </ul>
      )}
      {check.ok && check.head ? (
        <p>
          {t("audit-head")} <code className={styles.hash}>{check.head}</code>
        </p>
      ) : null}
    </>
  );
}

function Entries({ entries }: { entries: AuditEntry[] }) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby="audit-entries">
      <table className={styles.table}>
        <thead>
          <tr>
            {(["audit-at", "audit-actor", "audit-action", "audit-before", "audit-after"] as const).map((label) => (
              <th key={label} scope="col">
                {t(label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => {
            const action = ACTIONS[entry.action];
            return (
              <tr key={entry.number}>
                <th scope="row">{dateTime(entry.at)}</th>
                <td>{entry.actor}</td>
                <td>
                  {action ? t(action) : entry.action}
                  {entry.is_redacted ? ` (${t("audit-redacted")})` : ""}
                </td>
                <td>{entry.before ?? NOTHING}</td>
                <td>{entry.after ?? NOTHING}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
