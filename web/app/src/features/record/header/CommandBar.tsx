import { Button } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular, CheckmarkRegular, LinkRegular, PrintRegular } from "@fluentui/react-icons";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import type { Table } from "@/api/words.ts";
import { useCopy } from "@/components/useCopy.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./CommandBar.module.css";

/** The form is a page's worth of code that most visits never open. */
const NewRecordDrawer = lazy(async () => {
  const module = await import("@/components/record-form/NewRecordDrawer.tsx");
  return { default: module.NewRecordDrawer };
});

/** What can be done with the page as a whole; what changes the record stands beside its fields and its timeline. */
export function CommandBar({ table }: { table: Table }) {
  const { t } = useL10n();
  const queries = useQueryClient();
  const isFetching = useIsFetching() > 0;
  const link = useCopy();
  const [isNew, setNew] = useState(false);
  return (
    <>
      <div role="toolbar" aria-label={t("record-commands")} className={styles.bar}>
        <Button appearance="subtle" icon={<AddRegular />} onClick={() => setNew(true)}>
          {t("action-new")}
        </Button>
        <Button
          appearance="subtle"
          icon={<ArrowClockwiseRegular />}
          disabledFocusable={isFetching}
          onClick={() => void queries.invalidateQueries()}
        >
          {t("record-refresh")}
        </Button>
        <Button
          appearance="subtle"
          icon={link.state === "copied" ? <CheckmarkRegular /> : <LinkRegular />}
          onClick={() => void link.copy(globalThis.location.href)}
          onBlur={link.forget}
        >
          {t(
            link.state === "copied" ? "record-link-copied" : link.state === "failed" ? "record-link-failed" : "record-copy-link",
          )}
        </Button>
        <Button appearance="subtle" className={styles.print} icon={<PrintRegular />} onClick={() => globalThis.print()}>
          {t("record-print")}
        </Button>
      </div>
      {isNew ? (
        <Suspense fallback={null}>
          <NewRecordDrawer table={table} isOpen onClose={() => setNew(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
