import { Badge } from "@fluentui/react-components";
import { CheckmarkCircleRegular, DismissCircleRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { featuresQuery, meQuery, type FeatureAccess, type FeatureCheck } from "@/api/people.ts";
import { asTable } from "@/api/words.ts";
import { GuideLink } from "@/components/GuideLink.tsx";
import { TABLE_LABELS } from "@/components/labels.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { usePreferences } from "@/frame/preferences.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./Settings.module.css";
import { UserBox } from "./UserBox.tsx";
import { checkWords, FEATURES } from "./whyWords.ts";

/** Why somebody cannot see a feature: each thing that it needs, and who can change it. Administrators of users ask about anybody. */
export function WhyPage() {
  const { t } = useL10n();
  const { viewer } = usePreferences().preferences;
  const me = useQuery(meQuery(viewer)).data;
  const [chosen, setChosen] = useState<string | null>(null);
  const mayAsk = me?.rights.tasks.includes("manage_users") ?? false;
  const user = (mayAsk ? chosen : null) ?? viewer;
  const features = useQuery(featuresQuery(user));
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-why")}</h1>
      <GuideLink guide="enabling" />
      <p>
        {t("why-ask")} <Link to="/settings/users">{t("page-users")}</Link>. {t("why-licences")}{" "}
        <Link to="/licences">{t("page-licences")}</Link>. {t("why-forms")} <Link to="/settings/forms">{t("page-forms")}</Link>.
      </p>
      {mayAsk ? <UserBox label={t("why-about")} user={user} onChosen={setChosen} /> : null}
      {user === null ? <p className={styles.note}>{t("my-data-who")}</p> : null}
      {features.error && user !== null ? <ProblemState problem={features.error} retry={() => void features.refetch()} /> : null}
      {features.data?.items.map((feature) => (
        <Feature key={feature.feature} feature={feature} />
      ))}
      <p className={styles.note}>{t("why-ready-made")}</p>
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
  const { list } = useFormats();
  const words = checkWords(check);
  if (!words) return null;
  const form = ({ application, table }: FeatureCheck["lacking"][number]) => {
    const known = asTable(table);
    return t("why-form-name", { application, table: known ? t(TABLE_LABELS[known]) : table });
  };
  const result = words.result && t(words.result, { found: check.found, forms: list(check.lacking.map(form)) });
  return (
    <li>
      {check.is_ok ? <CheckmarkCircleRegular aria-label={t("why-ok")} /> : <DismissCircleRegular aria-label={t("why-missing")} />}{" "}
      <strong>{t(words.label)}</strong>: {result} {words.by ? t(words.by) : null}
    </li>
  );
}
