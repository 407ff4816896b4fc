import { Button, MessageBar, MessageBarBody, MessageBarTitle, Spinner } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiProblem } from "@/api/client.ts";
import { administratorAddress, answerConsentRequest, consentRequestQuery, type ConsentRequest } from "@/api/enabling.ts";
import { signInQuery, signOut } from "@/api/sign-in.ts";
import { CameBack } from "@/components/CameBack.tsx";
import { ProblemState } from "@/components/ProblemState.tsx";
import { SignInCard } from "@/components/SignInCard.tsx";
import { TimeZoneContext, useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { SettingsWords } from "@/i18n/SettingsWords.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { AskedFor, ConsentAnswer, ExcludedGroups } from "./ConsentParts.tsx";
import styles from "./Settings.module.css";
import { CameBackFromMicrosoft, TenantPermissions } from "./TenantPermissions.tsx";
import { useConsentToken } from "./useConsentToken.ts";

type Administrator = NonNullable<ConsentRequest["administrator"]>;

/** Where a consent link leads: what is asked, and the answer of a tenant administrator, without an account. The link alone grants nothing. */
export function ConsentRequestPage() {
  const token = useConsentToken();
  // Whoever answers from outside is not where the organization is.
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return (
    <SettingsWords>
      <TimeZoneContext value={timeZone}>
        <Request token={token} />
      </TimeZoneContext>
    </SettingsWords>
  );
}

function Request({ token }: { token: string | null }) {
  const { t } = useL10n();
  const request = useQuery(consentRequestQuery(token));
  if (request.error instanceof ApiProblem && request.error.status === 403) {
    return (
      <SignInCard title={t(token === null ? "consent-link-none" : "consent-link-over")}>
        <CameBack />
        <CameBackFromMicrosoft />
        <p>{t(token === null ? "consent-link-none-text" : "consent-link-over-text")}</p>
        <WithoutLink />
        <p>
          <a href="/">{t("sign-in-title")}</a>
        </p>
      </SignInCard>
    );
  }
  if (request.error) return <ProblemState problem={request.error} retry={() => void request.refetch()} />;
  if (!request.data) return <Spinner label={t("state-loading")} style={{ height: "100%" }} />;
  const { administrator, roles, location, deadline, excluded_groups: excluded, ...rest } = request.data;
  const groups = administrator?.groups.filter((group) => group.is_chosen).map((group) => group.name);
  return (
    <SignInCard isWide title={t("page-consent")}>
      {administrator ? <SignedIn administrator={administrator} /> : <CameBack />}
      <CameBackFromMicrosoft />
      <AskedFor
        asked={{
          ...rest,
          roles: roles ?? null,
          excluded: groups ?? excluded,
          location: location ?? null,
          deadline: deadline ?? null,
        }}
      />
      {administrator ? (
        <>
          <TenantPermissions isTenantAdministrator />
          <Groups token={token} request={request.data} administrator={administrator} />
          <Answer token={token} request={request.data} administrator={administrator} />
        </>
      ) : (
        <HowToAnswer request={request.data} />
      )}
    </SignInCard>
  );
}

/** A tenant administrator needs no link: later, they withdraw what they granted. */
function WithoutLink() {
  const { t } = useL10n();
  const providers = useQuery(signInQuery()).data?.providers.filter((provider) => provider.knows_administrators) ?? [];
  if (providers.length === 0) return null;
  return (
    <>
      <p>{t("consent-link-without")}</p>
      <ProviderLinks providers={providers} />
    </>
  );
}

/** Who answers, until when, and the way out. */
function SignedIn({ administrator }: { administrator: Administrator }) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  // A whole new page: nothing of what was shown is remembered.
  const leave = useMutation({ mutationFn: signOut, onSuccess: () => globalThis.location.reload() });
  return (
    <>
      <p>
        {t("consent-signed-in", {
          who: administrator.who,
          provider: administrator.provider,
          until: dateTime(administrator.expires_at),
        })}
      </p>
      <div className={styles.buttons}>
        <Button disabled={leave.isPending} onClick={() => leave.mutate()}>
          {t("account-sign-out")}
        </Button>
      </div>
      <ChangeProblem problem={leave.error} />
    </>
  );
}

/** Where whoever may consent signs in: a tenant administrator needs no account here. */
function HowToAnswer({ request }: { request: ConsentRequest }) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  const { state, providers } = request;
  if (state !== "pending" && state !== "granted") return <p>{t("consent-nobody-asks")}</p>;
  return (
    <>
      <p>
        {state === "pending" ? t("consent-pending-text", { deadline: dateTime(request.deadline) }) : t("consent-link-granted")}
      </p>
      <p>{t("consent-link-sign-in")}</p>
      {providers.length > 0 ? (
        <>
          <p>{t("consent-link-administrator")}</p>
          <ProviderLinks providers={providers} />
          <p>
            <a href="/settings/consent">{t("consent-link-account")}</a>
          </p>
        </>
      ) : (
        <Button as="a" href="/settings/consent" appearance="primary">
          {t("consent-link-answer")}
        </Button>
      )}
    </>
  );
}

function ProviderLinks({ providers }: { providers: ConsentRequest["providers"] }) {
  const { t } = useL10n();
  return (
    <div className={styles.buttons}>
      {providers.map(({ id, name }) => (
        <Button key={id} as="a" href={administratorAddress(id)} appearance="primary">
          {t("consent-link-with", { name })}
        </Button>
      ))}
    </div>
  );
}

interface AnsweringProps {
  token: string | null;
  request: ConsentRequest;
  administrator: Administrator;
}

function Groups({ token, request, administrator }: AnsweringProps) {
  const change = useAnswer(token);
  return (
    <ExcludedGroups
      groups={administrator.groups}
      isPending={change.isPending}
      mayChoose
      onChoose={(groups) => change.mutate({ action: "exclude_groups", groups })}
    >
      <AnswerProblem problem={change.error} providers={request.providers} />
    </ExcludedGroups>
  );
}

function Answer({ token, request, administrator }: AnsweringProps) {
  const change = useAnswer(token);
  const { since, text } = administrator;
  return (
    <ConsentAnswer
      consent={{ state: request.state, since, text }}
      isPending={change.isPending}
      may={{ answer: true, withdraw: true }}
      onAnswer={change.mutate}
    >
      <AnswerProblem problem={change.error} providers={request.providers} />
    </ConsentAnswer>
  );
}

/** An answer; what comes of it is what is asked now. */
function useAnswer(token: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: answerConsentRequest,
    onSuccess: (request) => queries.setQueryData(consentRequestQuery(token).queryKey, request),
  });
}

/** Why an answer was not taken; whoever signed in too long ago does so again, and what they wrote stays to be copied. */
function AnswerProblem({ problem, providers }: { problem: Error | null; providers: ConsentRequest["providers"] }) {
  const { t } = useL10n();
  if (!(problem instanceof ApiProblem) || problem.status !== 401) return <ChangeProblem problem={problem} />;
  return (
    <>
      <MessageBar intent="error" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{t("consent-sign-in-again")}</MessageBarTitle>
          {t("consent-sign-in-again-text")}
        </MessageBarBody>
      </MessageBar>
      <ProviderLinks providers={providers} />
    </>
  );
}
