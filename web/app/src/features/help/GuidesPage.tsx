import { Spinner } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { guidesQuery } from "./guides.ts";
import styles from "./Help.module.css";

/** All guides, with what each is for. */
export function GuidesPage() {
  const { t, language } = useL10n();
  const guides = useQuery(guidesQuery(language));
  if (guides.error) return <ProblemState problem={guides.error} retry={() => void guides.refetch()} />;
  return (
    <div className={styles.page}>
      <h1>{t("page-help")}</h1>
      {guides.data ? null : <Spinner />}
      <ul className={styles.guides}>
        {guides.data?.map(({ name, guide }) => (
          <li key={name}>
            <Link to="/help/$guide" params={{ guide: name }}>
              {guide.title}
            </Link>
            <p>{guide.lead}</p>
          </li>
        ))}
      </ul>
    </div>
  );
}
