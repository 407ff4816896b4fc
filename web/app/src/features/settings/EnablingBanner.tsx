import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { createConsentLink, postConsent, type Enabling } from "@/api/enabling.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { CopyButton } from "./CopyButton.tsx";
import { useEnablingChange } from "./useEnabling.ts";
import { useMay } from "./useMay.ts";
import { WhoMay } from "./WhoMay.tsx";

const GEOGRAPHIES: Record<string, MessageId> = {
  local_geography: "geography-local",
  not_listed: "geography-not-listed",
  unknown: "geography-unknown",
};

/** What stands in the way, who must act, and how many days are left. */
export function EnablingBanner({ enabling }: { enabling: Enabling }) {
  const { t } = useL10n();
  const { dateTime, number, list } = useFormats();
  const change = useEnablingChange(postConsent);
  const link = useMutation({ mutationFn: createConsentLink });
  // The server knows its public address, or leaves it to the page that asks.
  const address = link.data ? new URL(link.data.link, globalThis.location.origin).href : null;
  const { consent, geography, mailbox } = enabling;
  const where = GEOGRAPHIES[geography.state];
  const isOn = enabling.enabled_at != null;
  const features = [
    enabling.relationship_analytics ? t("feature-analytics") : "",
    enabling.who_knows_whom ? t("feature-who-knows") : "",
  ].filter((feature) => feature !== "");
  const may = useMay();
  const mayAsk = may("configure") === true;
  const askAgain = mayAsk ? (
    <Button disabled={change.isPending} onClick={() => change.mutate({ action: "ask_again" })}>
      {t("consent-ask-again")}
    </Button>
  ) : null;
  return (
    <>
      {isOn && enabling.premium_since == null ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            {t("overview-premium-off")} <Link to="/settings/premium">{t("page-premium")}</Link>
          </MessageBarBody>
        </MessageBar>
      ) : null}
      {isOn && enabling.premium_since != null ? (
        <MessageBar intent={features.length > 0 ? "success" : "info"} layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>
              {features.length > 0 ? t("overview-on", { features: list(features) }) : t("overview-on-nothing")}
            </MessageBarTitle>
            {t(mailbox.is_used ? "overview-on-both" : "overview-on-crm", { users: number(mailbox.selected_users) })}
          </MessageBarBody>
        </MessageBar>
      ) : null}
      {isOn && mailbox.is_on && where ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t("geography-no")}</MessageBarTitle>
            {t(where)}
          </MessageBarBody>
        </MessageBar>
      ) : null}
      {consent.state === "pending" ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t("consent-pending", { days: consent.days_left ?? 0 })}</MessageBarTitle>
            {t("consent-pending-text", { deadline: dateTime(consent.deadline) })} {t("consent-hand-on")}{" "}
            <Link to="/settings/consent">{t("consent-link")}</Link>
            {address ? (
              <>
                {" "}
                {t("consent-link-made")} <code>{address}</code> <CopyButton text={address} label={t("consent-link-copy")} />{" "}
                {t("consent-link-made-text")} <Link to="/settings/providers">{t("page-providers")}</Link>
              </>
            ) : null}
          </MessageBarBody>
          {may("configure", "consent") ? (
            <MessageBarActions>
              <Button disabled={link.isPending} onClick={() => link.mutate()}>
                {t("consent-link-make")}
              </Button>
            </MessageBarActions>
          ) : null}
        </MessageBar>
      ) : null}
      {consent.state === "expired" ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t("consent-expired", { since: dateTime(consent.since) })}</MessageBarTitle>
            {t(enabling.who_knows_whom ? "consent-expired-crm" : "consent-expired-text")}
            <WhoMay what="configure" />
          </MessageBarBody>
          <MessageBarActions>
            {enabling.who_knows_whom || !mayAsk ? null : (
              <Button disabled={change.isPending} onClick={() => change.mutate({ action: "use_crm_data_only" })}>
                {t("consent-crm-only")}
              </Button>
            )}
            {askAgain}
          </MessageBarActions>
        </MessageBar>
      ) : null}
      {consent.state === "declined" || consent.state === "revoked" ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>
              {t(consent.state === "declined" ? "consent-declined" : "consent-revoked", { since: dateTime(consent.since) })}
            </MessageBarTitle>
            {t("consent-crm-goes-on")}{" "}
            {consent.state === "revoked"
              ? t("consent-deadlines", {
                  live: dateTime(consent.delete_live_by),
                  backups: dateTime(consent.delete_backups_by),
                })
              : ""}
            <WhoMay what="configure" />
          </MessageBarBody>
          <MessageBarActions>{askAgain}</MessageBarActions>
        </MessageBar>
      ) : null}
      {mailbox.withheld > 0 && mailbox.deleted_by ? (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>
            {t("overview-withheld", { count: mailbox.withheld, moment: dateTime(mailbox.deleted_by) })}
          </MessageBarBody>
        </MessageBar>
      ) : null}
      <ChangeProblem problem={change.error ?? link.error} />
    </>
  );
}
