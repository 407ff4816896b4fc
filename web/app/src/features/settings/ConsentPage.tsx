import { Link } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { enablingQuery, postConsent, putExcludedGroups, type Enabling } from "@/api/enabling.ts";
import { meQuery } from "@/api/people.ts";
import { GuideLink } from "@/components/GuideLink.tsx";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { AskedFor, ConsentAnswer, ExcludedGroups } from "./ConsentParts.tsx";
import { EnablingBanner } from "./EnablingBanner.tsx";
import { Loading } from "./Loading.tsx";
import styles from "./Settings.module.css";
import { TenantPermissions } from "./TenantPermissions.tsx";
import { useEnablingChange } from "./useEnabling.ts";
import { useMay } from "./useMay.ts";
import { WhoMay } from "./WhoMay.tsx";

/** What is agreed to, by whoever may agree to it: who asks, why, what is read, whose, until when. */
export function ConsentPage() {
  const { t } = useL10n();
  const enabling = useQuery(enablingQuery());
  const isWaiting = useMay()() === null;
  if (enabling.error) return <ProblemState problem={enabling.error} retry={() => void enabling.refetch()} />;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-consent")}</h1>
      <GuideLink guide="enabling" />
      {enabling.data && !isWaiting ? (
        <>
          <EnablingBanner enabling={enabling.data} />
          <Request enabling={enabling.data} />
          <Permissions />
          <Groups enabling={enabling.data} />
          <Answer enabling={enabling.data} />
        </>
      ) : (
        <Loading />
      )}
    </div>
  );
}

function Request({ enabling }: { enabling: Enabling }) {
  const me = useQuery(meQuery(null)).data;
  const { mailbox, geography, consent } = enabling;
  const roles = mailbox.roles.filter((role) => role.is_chosen).map((role) => role.name);
  return (
    <AskedFor
      asked={{
        organization: me?.organization.name ?? "",
        relationship_analytics: enabling.relationship_analytics,
        who_knows_whom: enabling.who_knows_whom,
        roles: mailbox.all_roles ? null : roles,
        mailboxes: mailbox.selected_users,
        users: mailbox.users,
        excluded: mailbox.excluded_groups.filter((group) => group.is_chosen).map((group) => group.name),
        location: geography.location ?? null,
        deadline: consent.deadline ?? null,
      }}
    />
  );
}

/** What tenants of Microsoft 365 permit, for whoever may consent. */
function Permissions() {
  const may = useMay();
  return may("consent") === true ? <TenantPermissions isTenantAdministrator={false} /> : null;
}

function Groups({ enabling }: { enabling: Enabling }) {
  const change = useEnablingChange(putExcludedGroups);
  const may = useMay();
  return (
    <ExcludedGroups
      groups={enabling.mailbox.excluded_groups}
      isPending={change.isPending}
      mayChoose={may("consent") === true}
      onChoose={change.mutate}
    >
      <WhoMay what="consent" />
      <ChangeProblem problem={change.error} />
    </ExcludedGroups>
  );
}

function Answer({ enabling }: { enabling: Enabling }) {
  const { t } = useL10n();
  const may = useMay();
  const change = useEnablingChange(postConsent);
  const { state } = enabling.consent;
  return (
    <ConsentAnswer
      consent={enabling.consent}
      isPending={change.isPending}
      may={{ answer: may("consent") === true, withdraw: may("consent", "configure") === true }}
      mayEnable={may("configure") === true}
      onAnswer={change.mutate}
      elsewhere={<Link to="/settings/overview">{t("page-overview")}</Link>}
    >
      {state === "pending" || (state === "granted" && may("configure") === false) ? <WhoMay what="consent" /> : null}
      <ChangeProblem problem={change.error} />
    </ConsentAnswer>
  );
}
