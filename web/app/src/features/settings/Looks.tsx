import type { Look } from "@/api/privacy.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./Settings.module.css";

const WHAT: Record<string, MessageId> = {
  record: "look-record",
  who_knows: "look-who-knows",
  timeline: "look-timeline",
  export: "look-export",
};

/** Who was shown what, day by day. */
export function Looks({ looks, withAbout }: { looks: Look[]; withAbout: boolean }) {
  const { t } = useL10n();
  const { number, dateTime } = useFormats();
  if (looks.length === 0) return <p className={styles.note}>{t("looks-none")}</p>;
  return (
    <div className={styles.scroll} role="region" aria-label={t("looks-title")} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t("look-viewer")}</th>
            {withAbout ? <th scope="col">{t("look-about")}</th> : null}
            <th scope="col">{t("look-what")}</th>
            <th scope="col">{t("look-times")}</th>
            <th scope="col">{t("look-last")}</th>
          </tr>
        </thead>
        <tbody>
          {looks.map((look) => (
            <tr key={`${look.about}/${look.viewer ?? ""}/${look.day}/${look.what}`}>
              <td>{look.viewer_name ?? t("look-local")}</td>
              {withAbout ? <td>{look.about_name}</td> : null}
              <td>{t(WHAT[look.what] ?? "look-record")}</td>
              <td>{number(look.times)}</td>
              <td>{dateTime(look.last_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
