import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { enablingQuery } from "@/api/enabling.ts";
import { meQuery } from "@/api/people.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { mailboxGap } from "./mailboxGap.ts";
import styles from "./Settings.module.css";
import { useMay } from "./useMay.ts";

/** Which data the figures rest on; without mailbox data, why, and where to change it, to whoever may read that. */
export function DataInUse() {
  const { t } = useL10n();
  const data = useQuery(meQuery(null)).data?.data;
  const mayRead = useMay()("configure", "customize", "consent", "privacy") === true;
  const enabling = useQuery({ ...enablingQuery(), enabled: mayRead }).data;
  if (data === undefined) return null;
  const gap = enabling && data !== "crm_and_mailbox" ? mailboxGap(enabling) : null;
  return (
    <p className={styles.note}>
      {t(data === "crm_and_mailbox" ? "data-both" : "data-crm")}{" "}
      {gap ? (
        <>
          {t(gap.text)} <Link to={gap.page.to}>{t(gap.page.label)}</Link>
        </>
      ) : null}
    </p>
  );
}
