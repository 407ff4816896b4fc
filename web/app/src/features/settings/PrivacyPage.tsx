import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { meQuery } from "@/api/people.ts";
import { GuideLink } from "@/components/GuideLink.tsx";
import { usePreferences } from "@/frame/preferences.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { MailboxPreview } from "./MailboxPreview.tsx";
import { MyData } from "./MyData.tsx";
import { MyLooks, PrivateContacts } from "./MyLooks.tsx";
import styles from "./Settings.module.css";

/** In plain words: what Rapport holds on people, what it never reads, and how to see and erase it. */
export function PrivacyPage() {
  const { t } = useL10n();
  const { number } = useFormats();
  const { viewer } = usePreferences().preferences;
  const me = useQuery(meQuery(viewer)).data;
  const months = me?.retention_months ?? 0;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-privacy")}</h1>
      <GuideLink guide="privacy-for-employees" />
      {viewer ? (
        <>
          <MyData viewer={viewer} />
          <MailboxPreview viewer={viewer} />
          <PrivateContacts viewer={viewer} />
          <MyLooks viewer={viewer} />
        </>
      ) : (
        <p className={styles.note}>{t("my-data-who")}</p>
      )}
      <section aria-labelledby="privacy-held" className={styles.panel}>
        <h2 id="privacy-held">{t("privacy-held")}</h2>
        <p>{t("privacy-held-text")}</p>
        <p>{me ? t(me.keeps_subjects ? "privacy-subjects-kept" : "privacy-subjects-not-kept") : ""}</p>
        <p>{me ? t(months === 0 ? "privacy-retention-off" : "privacy-retention", { months: number(months) }) : ""}</p>
      </section>
      <section aria-labelledby="privacy-never" className={styles.panel}>
        <h2 id="privacy-never">{t("privacy-never")}</h2>
        <p>{t("privacy-never-text")}</p>
      </section>
      <section aria-labelledby="privacy-see" className={styles.panel}>
        <h2 id="privacy-see">{t("privacy-see")}</h2>
        <p>{t("privacy-see-text")}</p>
        {me?.rights.tasks.includes("privacy") ? (
          <p>
            <Link to="/privacy-requests">{t("page-privacy-requests")}</Link>
          </p>
        ) : null}
      </section>
    </div>
  );
}
