import { Badge } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { connectorsQuery } from "@/api/connectors.ts";
import type { Enabling } from "@/api/enabling.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./Settings.module.css";
import { useMay } from "./useMay.ts";

const CONSENT_STATES: Record<string, MessageId> = {
  not_requested: "consent-state-not-requested",
  pending: "consent-state-pending",
  granted: "consent-state-granted",
  expired: "consent-state-expired",
  declined: "consent-state-declined",
  revoked: "consent-state-revoked",
};

/** What is to be done after Save, each with where it stands. */
export function NextSteps({ enabling }: { enabling: Enabling }) {
  const { t } = useL10n();
  const { date, number } = useFormats();
  const { consent, mailbox } = enabling;
  const steps = [
    {
      to: "/settings/consent",
      label: "steps-consent",
      state: CONSENT_STATES[consent.state] ?? "consent-state-not-requested",
      isDone: consent.state === "granted",
    },
    {
      to: "/settings/health",
      label: "steps-analytics",
      state: enabling.relationship_analytics ? "value-on" : "value-off",
      isDone: enabling.relationship_analytics,
    },
    {
      to: "/settings/who-knows",
      label: "steps-who-knows",
      state: enabling.who_knows_whom ? "value-on" : "value-off",
      isDone: enabling.who_knows_whom,
    },
    { to: "/settings/forms", label: "steps-forms", state: "steps-forms-own", isDone: true },
  ] as const;
  return (
    <section aria-labelledby="steps" className={styles.panel}>
      <h2 id="steps">{t("steps")}</h2>
      <ul className={styles.steps}>
        {steps.map(({ to, label, state, isDone }) => (
          <li key={label}>
            <Link to={to}>{t(label)}</Link> <Badge color={isDone ? "success" : "informative"}>{t(state)}</Badge>
            {to === "/settings/consent" && mailbox.is_on ? <ConnectorsStep /> : null}
            {to === "/settings/consent" && consent.state === "pending" ? (
              <p className={styles.note}>
                {t("steps-consent-link")} <Link to="/settings/providers">{t("page-providers")}</Link>
              </p>
            ) : null}
          </li>
        ))}
      </ul>
      {mailbox.is_used ? (
        <p className={styles.note}>
          {t("steps-noticed", { noticed: number(mailbox.noticed_users), users: number(mailbox.selected_users) })}{" "}
          {mailbox.capture_from ? t("steps-capture-from", { from: date(mailbox.capture_from) }) : ""}
        </p>
      ) : null}
    </section>
  );
}

/** Where the mailboxes that consent is asked for come from, for whoever may see connectors. */
function ConnectorsStep() {
  const { t } = useL10n();
  const { number } = useFormats();
  const maySee = useMay()("configure", "consent", "privacy") === true;
  const items = useQuery({ ...connectorsQuery(), refetchInterval: false, enabled: maySee }).data?.items;
  if (!items) return null;
  const isFailing = items.some(({ failure, paused }) => failure != null && !paused);
  return (
    <div>
      <Link to="/settings/connectors">{t(items.length === 0 ? "steps-connectors-none" : "steps-connectors")}</Link>{" "}
      <Badge color={isFailing ? "danger" : items.length === 0 ? "informative" : "success"}>
        {isFailing ? t("steps-connectors-failing") : number(items.length)}
      </Badge>
    </div>
  );
}
