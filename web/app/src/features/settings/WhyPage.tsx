import { Badge } from "@fluentui/react-components";
import { CheckmarkCircleRegular, DismissCircleRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { featuresQuery, type FeatureAccess, type FeatureCheck } from "@/api/people.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { usePreferences } from "@/frame/preferences.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./Settings.module.css";

const FEATURES: Record<string, MessageId> = {
  relationship_analytics: "why-analytics",
  response_times: "why-response-times",
  who_knows_whom: "page-who-knows",
  similar_deals: "why-similar-deals",
  settings: "area-insights-settings",
};

/** What a check asks, and what it says where it does not hold. */
const CHECKS: Record<string, { label: MessageId; missing: MessageId }> = {
  licence: { label: "why-licence", missing: "why-licence-missing" },
  role: { label: "why-role", missing: "why-role-missing" },
  task: { label: "why-task", missing: "why-task-missing" },
  feature: { label: "why-feature", missing: "why-feature-missing" },
  option: { label: "why-option", missing: "why-option-missing" },
  closed_deals: { label: "why-closed-deals", missing: "why-closed-deals-missing" },
  premium: { label: "page-premium", missing: "why-premium-missing" },
  enabled: { label: "why-enabled", missing: "why-enabled-missing" },
  mailbox: { label: "why-mailbox", missing: "why-mailbox-missing" },
  geography: { label: "why-geography", missing: "why-geography-missing" },
  consent: { label: "why-consent", missing: "why-consent-missing" },
};

const FIXED_BY: Record<string, MessageId> = {
  user_administrator: "why-by-user-administrator",
  administrator: "why-by-administrator",
  customizer: "why-by-customizer",
  tenant_administrator: "why-by-tenant-administrator",
  time: "why-by-time",
};

/** Why somebody cannot see a feature: each thing that it needs, and who can change it. */
export function WhyPage() {
  const { t } = useL10n();
  const { viewer } = usePreferences().preferences;
  const features = useQuery(featuresQuery(viewer));
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-why")}</h1>
      <p>
        {t("why-ask")} <Link to="/settings/users">{t("page-users")}</Link>. {t("why-licences")}{" "}
        <Link to="/licences">{t("page-licences")}</Link>. {t("why-forms")} <Link to="/settings/forms">{t("page-forms")}</Link>.
      </p>
      {viewer === null ? <p className={styles.note}>{t("my-data-who")}</p> : null}
      {features.error && viewer !== null ? <ProblemState problem={features.error} retry={() => void features.refetch()} /> : null}
      {features.data?.items.map((feature) => (
        <Feature key={feature.feature} feature={feature} />
      ))}
    </div>
  );
}

function Feature({ feature }: { feature: FeatureAccess }) {
  const { t } = useL10n();
  const id = `why-${feature.feature}`;
  return (
    <section aria-labelledby={id} className={styles.panel}>
      <h2 id={id}>
        {t(FEATURES[feature.feature] ?? "page-why")}{" "}
        <Badge appearance="tint" color={feature.is_available ? "success" : "warning"}>
          {t(feature.is_available ? "why-available" : "why-not-available")}
        </Badge>
      </h2>
      <ul className={styles.steps}>
        {feature.checks.map((check) => (
          <Check key={check.check} check={check} />
        ))}
      </ul>
    </section>
  );
}

function Check({ check }: { check: FeatureCheck }) {
  const { t } = useL10n();
  const words = CHECKS[check.check];
  if (!words) return null;
  const by = FIXED_BY[check.fixed_by];
  return (
    <li>
      {check.is_ok ? <CheckmarkCircleRegular aria-label={t("why-ok")} /> : <DismissCircleRegular aria-label={t("why-missing")} />}{" "}
      <strong>{t(words.label)}</strong>
      {check.is_ok ? null : (
        <>
          : {t(words.missing, { found: check.found })} {by ? t(by) : ""}
        </>
      )}
    </li>
  );
}
