import { Button, Checkbox, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { enablingQuery, putPremium } from "@/api/enabling.ts";
import { GuideLink } from "@/components/GuideLink.tsx";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { Loading } from "./Loading.tsx";
import styles from "./Settings.module.css";
import { useEnablingChange } from "./useEnabling.ts";
import { useMay } from "./useMay.ts";
import { WhoMay } from "./WhoMay.tsx";

/** Premium features on and off: what they are, their terms, and that they take effect at once. */
export function PremiumPage() {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  const enabling = useQuery(enablingQuery());
  const [isAccepted, setAccepted] = useState(false);
  const change = useEnablingChange(putPremium);
  const may = useMay();
  const mayEnable = may("configure") === true;
  if (enabling.error) return <ProblemState problem={enabling.error} retry={() => void enabling.refetch()} />;
  const since = enabling.data?.premium_since;
  const isWaiting = enabling.isPending || may() === null;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-premium")}</h1>
      <GuideLink guide="enabling" />
      <section aria-labelledby="premium-what" className={styles.panel}>
        <h2 id="premium-what">{t("premium-what")}</h2>
        <p>{t("premium-text")}</p>
        <h3>{t("premium-terms")}</h3>
        <ul>
          <li>{t("premium-term-data")}</li>
          <li>{t("premium-term-purpose")}</li>
          <li>{t("premium-term-people")}</li>
        </ul>
        <ChangeProblem problem={change.error} />
        {enabling.data && since ? (
          <>
            <MessageBar intent="success">
              <MessageBarBody>{t("premium-on", { since: dateTime(since) })}</MessageBarBody>
            </MessageBar>
            <p>
              <Link to="/settings/overview">{t("premium-next")}</Link>
            </p>
            {mayEnable ? (
              <>
                <Button disabled={change.isPending} onClick={() => change.mutate(false)}>
                  {t("premium-disable")}
                </Button>
                <p className={styles.note}>{t("premium-disable-text")}</p>
              </>
            ) : null}
          </>
        ) : null}
        {isWaiting ? <Loading /> : <WhoMay what="configure" />}
        {enabling.data && !since && mayEnable ? (
          <>
            <p>
              <Checkbox
                checked={isAccepted}
                label={t("premium-accept")}
                onChange={(_, { checked }) => setAccepted(checked === true)}
              />
            </p>
            <Button appearance="primary" disabled={!isAccepted || change.isPending} onClick={() => change.mutate(true)}>
              {t("premium-enable")}
            </Button>
          </>
        ) : null}
      </section>
    </div>
  );
}
