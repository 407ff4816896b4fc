import { Button, Link } from "@fluentui/react-components";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { looksFile, looksQuery } from "@/api/privacy.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { Looks } from "./Looks.tsx";
import styles from "./Settings.module.css";
import { UserBox } from "./UserBox.tsx";

/** Who looked at whom: about everybody or one employee, page by page, or all of it as a file. */
export function AccessLog() {
  const { t } = useL10n();
  const [about, setAbout] = useState<string | null>(null);
  const looks = useInfiniteQuery(looksQuery(about));
  return (
    <section aria-labelledby="requests-looks" className={styles.panel}>
      <h2 id="requests-looks">{t("looks-title")}</h2>
      <UserBox label={t("looks-filter")} user={about} onChosen={setAbout} isClearable />
      {looks.error ? <ProblemState isSmall problem={looks.error} retry={() => void looks.refetch()} /> : null}
      {looks.data ? <Looks looks={looks.data.pages.flatMap(({ items }) => items)} withAbout /> : null}
      <div className={styles.buttons}>
        {looks.hasNextPage ? (
          <Button disabled={looks.isFetchingNextPage} onClick={() => void looks.fetchNextPage()}>
            {t("looks-more")}
          </Button>
        ) : null}
        <Link inline href={looksFile(about)} download>
          {t("looks-file")}
        </Link>
      </div>
    </section>
  );
}
