import { CheckmarkRegular, DismissRegular } from "@fluentui/react-icons";
import { Link } from "@tanstack/react-router";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./Settings.module.css";

/** Each feature, and whether it comes with no licence, enterprise (basic tier) and premium (enhanced tier). */
const ROWS: [MessageId, boolean, boolean, boolean][] = [
  ["licence-own-data", true, true, true],
  ["licence-records", false, true, true],
  ["licence-basic-kpis", false, true, true],
  ["licence-most-contacted", false, true, true],
  ["licence-basic-strength", false, true, true],
  ["licence-health", false, false, true],
  ["licence-pipeline", false, false, true],
  ["licence-response-times", false, false, true],
  ["licence-similar", false, false, true],
  ["licence-mailbox", false, false, true],
  ["licence-enhanced-strength", false, false, true],
];

/** What each licence includes, row by row. */
export function LicencesPage() {
  const { t } = useL10n();
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-licences")}</h1>
      <p>
        {t("licences-text")} <Link to="/why">{t("page-why")}</Link>
      </p>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={t("page-licences")}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t("licences-feature")}</th>
              <th scope="col">{t("licence-none")}</th>
              <th scope="col">{t("licence-enterprise")}</th>
              <th scope="col">{t("licence-premium")}</th>
            </tr>
          </thead>
          <tbody>
            {ROWS.map(([label, ...included]) => (
              <tr key={label}>
                <th scope="row">{t(label)}</th>
                {included.map((isIncluded, i) => (
                  <td key={["none", "enterprise", "premium"][i]}>
                    {isIncluded ? (
                      <CheckmarkRegular aria-label={t("licences-yes")} />
                    ) : (
                      <DismissRegular aria-label={t("licences-no")} />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
