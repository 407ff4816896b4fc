import { Breadcrumb, BreadcrumbDivider, BreadcrumbItem, Button } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment, useState } from "react";
import { enablingQuery, type Enabling } from "@/api/enabling.ts";
import { GuideLink } from "@/components/GuideLink.tsx";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { EnablingBanner } from "./EnablingBanner.tsx";
import { EnablingForm } from "./EnablingForm.tsx";
import { Loading } from "./Loading.tsx";
import { GeographyPolicy } from "./GeographyPolicy.tsx";
import { LocationForm } from "./LocationForm.tsx";
import { NextSteps } from "./NextSteps.tsx";
import styles from "./Settings.module.css";
import { useMay } from "./useMay.ts";
import { WhoMay } from "./WhoMay.tsx";

const FEATURES: [MessageId, MessageId][] = [
  ["feature-analytics", "overview-start-analytics"],
  ["feature-who-knows", "overview-start-who-knows"],
  ["feature-mailbox", "overview-start-mailbox"],
];

/** Relationship intelligence: whether it is on, for whom, and what is still to be done. */
export function OverviewPage() {
  const { t } = useL10n();
  const enabling = useQuery(enablingQuery());
  const isWaiting = useMay()() === null;
  if (enabling.error) return <ProblemState problem={enabling.error} retry={() => void enabling.refetch()} />;
  const path = [t("frame-app"), t("area-insights-settings"), t("group-insights-settings"), t("page-overview")];
  return (
    <div className={styles.page}>
      <Breadcrumb size="small" aria-label={t("overview-path")}>
        {path.map((step, i) => (
          <Fragment key={step}>
            {i > 0 ? <BreadcrumbDivider /> : null}
            <BreadcrumbItem>{step}</BreadcrumbItem>
          </Fragment>
        ))}
      </Breadcrumb>
      <h1 className={styles.title}>{t("page-overview")}</h1>
      <GuideLink guide="enabling" />
      {enabling.data && !isWaiting ? <Overview enabling={enabling.data} /> : <Loading />}
    </div>
  );
}

function Overview({ enabling }: { enabling: Enabling }) {
  const [hasBegun, setBegun] = useState(false);
  const isEnabled = enabling.enabled_at != null;
  return (
    <>
      <EnablingBanner enabling={enabling} />
      {isEnabled ? <NextSteps enabling={enabling} /> : null}
      {isEnabled || hasBegun ? (
        <EnablingForm enabling={enabling} />
      ) : (
        <GetStarted isReady={enabling.premium_since != null} begin={() => setBegun(true)} />
      )}
      <LocationForm enabling={enabling} />
      <GeographyPolicy />
    </>
  );
}

/** What enabling brings, before anything is on. */
function GetStarted({ isReady, begin }: { isReady: boolean; begin: () => void }) {
  const { t } = useL10n();
  const mayEnable = useMay()("configure") === true;
  return (
    <section aria-labelledby="overview-start" className={styles.panel}>
      <h2 id="overview-start">{t("overview-start")}</h2>
      <p>{t("overview-start-text")}</p>
      <ul>
        {FEATURES.map(([name, text]) => (
          <li key={name}>
            <strong>{t(name)}</strong>: {t(text)}
          </li>
        ))}
      </ul>
      <p className={styles.note}>{t("overview-start-nothing")}</p>
      {mayEnable ? (
        <Button appearance="primary" disabled={!isReady} onClick={begin}>
          {t("overview-enable")}
        </Button>
      ) : (
        <WhoMay what="configure" />
      )}
      {isReady ? null : (
        <p>
          {t("overview-needs-premium")} <Link to="/settings/premium">{t("page-premium")}</Link>
        </p>
      )}
    </section>
  );
}
