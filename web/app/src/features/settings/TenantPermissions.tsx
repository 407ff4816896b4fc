import { Badge, Button, Field, Input, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { CheckmarkCircleRegular, ErrorCircleRegular, QuestionCircleRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  checkPermissions,
  consentAtMicrosoftAddress,
  permissionsQuery,
  probeMailbox,
  type MailboxProbe,
  type TenantPermissions as Permissions,
} from "@/api/permissions.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { ChangeProblem } from "./ChangeProblem.tsx";
import styles from "./Settings.module.css";

interface Props {
  /** Whether whoever looks is the tenant administrator, who alone consents at Microsoft. */
  isTenantAdministrator: boolean;
}

/** What may be limited to some mailboxes: it is then in no token, and a mailbox proves it. */
const LIMITABLE = ["Mail.ReadBasic.All", "Calendars.ReadBasic.All"];

const CAME_BACK: Record<string, { text: MessageId; intent: "success" | "warning" | "error" }> = {
  granted: { text: "permissions-came-granted", intent: "success" },
  not_yet: { text: "permissions-came-not-yet", intent: "warning" },
  refused: { text: "permissions-came-refused", intent: "warning" },
  failed: { text: "permissions-came-failed", intent: "error" },
};

/** What each tenant of Microsoft 365 permits, the way to consent there, and a probe that proves a limit; nothing where there is no tenant. */
export function TenantPermissions({ isTenantAdministrator }: Props) {
  const { t } = useL10n();
  const permissions = useQuery(permissionsQuery());
  const tenants = permissions.data?.items ?? [];
  if (permissions.error) return <ProblemState problem={permissions.error} retry={() => void permissions.refetch()} />;
  if (tenants.length === 0) return null;
  return (
    <section aria-labelledby="tenant-permissions" className={styles.panel}>
      <h2 id="tenant-permissions">{t("permissions-title")}</h2>
      <p className={styles.note}>{t(isTenantAdministrator ? "permissions-text-administrator" : "permissions-text")}</p>
      {tenants.map((tenant) => (
        <Tenant key={tenant.connector} tenant={tenant} isTenantAdministrator={isTenantAdministrator} />
      ))}
    </section>
  );
}

/** What came of consenting at Microsoft, to whoever is sent back from there. */
export function CameBackFromMicrosoft() {
  const { t } = useL10n();
  const back = CAME_BACK[new URLSearchParams(globalThis.location.search).get("permissions") ?? ""];
  if (!back) return null;
  return (
    <MessageBar intent={back.intent} layout="multiline">
      <MessageBarBody>{t(back.text)}</MessageBarBody>
    </MessageBar>
  );
}

function Tenant({ tenant, isTenantAdministrator }: Props & { tenant: Permissions }) {
  const { t } = useL10n();
  const { list } = useFormats();
  const queries = useQueryClient();
  const { connector, needed, beyond_need: beyondNeed } = tenant;
  const check = useMutation({
    mutationFn: () => checkPermissions(connector),
    onSuccess: () => queries.invalidateQueries({ queryKey: permissionsQuery().queryKey }),
  });
  const limitable = needed.filter(({ name }) => LIMITABLE.includes(name));
  const isWhole = needed.every((permission) => permission.is_granted === true);
  return (
    <div role="group" aria-label={t("permissions-of", { connector, tenant: tenant.tenant })} className={styles.upload}>
      <h3>{t("permissions-of", { connector, tenant: tenant.tenant })}</h3>
      <ul className={styles.plain}>
        {needed.map(({ name, is_granted: isGranted }) => (
          <li key={name}>
            <code>{name}</code> <Granted isGranted={isGranted ?? null} />
          </li>
        ))}
      </ul>
      {limitable.some((permission) => permission.is_granted === false) ? (
        <p className={styles.note}>{t("permissions-limited")}</p>
      ) : null}
      {beyondNeed.length > 0 ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t("permissions-beyond", { permissions: list(beyondNeed) })}</MessageBarBody>
        </MessageBar>
      ) : null}
      <div className={styles.buttons}>
        {isTenantAdministrator ? (
          <Button as="a" href={consentAtMicrosoftAddress(connector)} appearance={isWhole ? "secondary" : "primary"}>
            {t("permissions-consent")}
          </Button>
        ) : null}
        <Button disabled={check.isPending} onClick={() => check.mutate()}>
          {t("permissions-check")}
        </Button>
      </div>
      <ChangeProblem problem={check.error} />
      {limitable.length > 0 ? <Probe connector={connector} /> : null}
    </div>
  );
}

function Granted({ isGranted }: { isGranted: boolean | null }) {
  const { t } = useL10n();
  if (isGranted === null)
    return (
      <Badge appearance="tint" color="informative" icon={<QuestionCircleRegular />}>
        {t("permissions-unknown")}
      </Badge>
    );
  return isGranted ? (
    <Badge appearance="tint" color="success" icon={<CheckmarkCircleRegular />}>
      {t("permissions-granted")}
    </Badge>
  ) : (
    <Badge appearance="tint" color="warning" icon={<ErrorCircleRegular />}>
      {t("permissions-missing")}
    </Badge>
  );
}

/** Tries a mailbox: whoever limited the permission proves that the others are closed. */
function Probe({ connector }: { connector: string }) {
  const { t } = useL10n();
  const [mailbox, setMailbox] = useState("");
  const probe = useMutation({ mutationFn: () => probeMailbox(connector, mailbox.trim()) });
  return (
    <form
      className={styles.upload}
      onSubmit={(event) => {
        event.preventDefault();
        probe.mutate();
      }}
    >
      <Field label={t("permissions-probe")} hint={t("permissions-probe-hint")}>
        <Input
          type="email"
          value={mailbox}
          placeholder="director@example.com"
          onChange={(_, { value }) => {
            setMailbox(value);
            probe.reset();
          }}
        />
      </Field>
      <div className={styles.buttons}>
        <Button type="submit" disabled={mailbox.trim() === "" || probe.isPending}>
          {t("permissions-probe-do")}
        </Button>
      </div>
      {probe.data ? <Told mailbox={mailbox.trim()} probe={probe.data} /> : null}
      <ChangeProblem problem={probe.error} />
    </form>
  );
}

function Told({ mailbox, probe }: { mailbox: string; probe: MailboxProbe }) {
  const { t } = useL10n();
  const { mail_is_open: mail, calendars_are_open: calendars, reason } = probe;
  const text: MessageId =
    mail && calendars
      ? "permissions-probe-open"
      : mail
        ? "permissions-probe-mail"
        : calendars
          ? "permissions-probe-calendars"
          : "permissions-probe-closed";
  return (
    <MessageBar intent={mail || calendars ? "warning" : "success"} layout="multiline">
      <MessageBarBody>
        {t(text, { mailbox })} {reason ? t("permissions-probe-reason", { reason }) : null}
      </MessageBarBody>
    </MessageBar>
  );
}
