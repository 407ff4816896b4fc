import { Button, Spinner } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { ApiProblem } from "@/api/client.ts";
import { consentRequestQuery, type ConsentRequest } from "@/api/enabling.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { SettingsWords } from "@/i18n/SettingsWords.tsx";
import { SignInCard } from "@/components/SignInCard.tsx";
import styles from "./Settings.module.css";

/** Where a consent link leads: what is asked, without an account. The link alone grants nothing. */
export function ConsentRequestPage({ token }: { token: string }) {
  return (
    <SettingsWords>
      <Request token={token} />
    </SettingsWords>
  );
}

function Request({ token }: { token: string }) {
  const { t } = useL10n();
  const request = useQuery(consentRequestQuery(token));
  if (request.error instanceof ApiProblem && request.error.status === 403) {
    return (
      <SignInCard title={t("consent-link-over")}>
        <p>{t("consent-link-over-text")}</p>
        <p>
          <a href="/">{t("sign-in-title")}</a>
        </p>
      </SignInCard>
    );
  }
  if (request.error) return <ProblemState problem={request.error} retry={() => void request.refetch()} />;
  if (!request.data) return <Spinner style={{ height: "100%" }} />;
  return <Asked request={request.data} />;
}

function Asked({ request }: { request: ConsentRequest }) {
  const { t } = useL10n();
  const { number, list, dateTime } = useFormats();
  const features = [
    request.relationship_analytics ? t("feature-analytics") : "",
    request.who_knows_whom ? t("feature-who-knows") : "",
  ].filter((feature) => feature !== "");
  const rows: [string, string][] = [
    [t("consent-who"), request.organization],
    [t("consent-purpose"), t("consent-purpose-text")],
    [t("consent-features"), features.length > 0 ? list(features) : t("consent-features-none")],
    [t("consent-read"), t("consent-read-text")],
    [t("consent-never"), t("privacy-never-text")],
    [
      t("consent-whose"),
      request.roles == null
        ? t("consent-whose-all", { users: number(request.mailboxes) })
        : t("consent-whose-roles", {
            users: number(request.mailboxes),
            all: number(request.users),
            roles: request.roles.length > 0 ? list(request.roles) : t("consent-whose-nobody"),
          }),
    ],
    [t("consent-limit"), t("consent-limit-text")],
    [t("consent-where"), request.location ?? t("consent-where-unknown")],
  ];
  return (
    <SignInCard title={t("page-consent")}>
      <dl className={styles.facts}>
        {rows.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {request.state === "pending" ? (
        <>
          <p>{t("consent-pending-text", { deadline: dateTime(request.deadline) })}</p>
          <p>{t("consent-link-sign-in")}</p>
          <Button as="a" href="/settings/consent" appearance="primary">
            {t("consent-link-answer")}
          </Button>
        </>
      ) : (
        <p>{t(request.state === "granted" ? "consent-link-granted" : "consent-link-not-asked")}</p>
      )}
    </SignInCard>
  );
}
