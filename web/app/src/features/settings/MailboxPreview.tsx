import { Badge, Button, Field, Spinner } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { previewMine, type Preview } from "@/api/my-data.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { exclusionText } from "./exclusions.ts";
import { ChangeProblem } from "./ChangeProblem.tsx";
import styles from "./Settings.module.css";

/** Messages that are shown at first; the counts are of all. */
const SHOWN = 100;

/** What would be kept of a file from one's own mailbox. Nothing of it is. */
export function MailboxPreview({ viewer }: { viewer: string }) {
  const { t } = useL10n();
  const fileId = useId();
  const [file, setFile] = useState<File | null>(null);
  const look = useMutation({ mutationFn: (chosen: File) => previewMine(viewer, chosen) });
  return (
    <section aria-labelledby="preview" className={styles.panel}>
      <h2 id="preview">{t("preview-title")}</h2>
      <p>{t("preview-text")}</p>
      <form
        className={styles.upload}
        onSubmit={(event) => {
          event.preventDefault();
          if (file) look.mutate(file);
        }}
      >
        <Field label={{ children: t("preview-file"), htmlFor: fileId }} hint={t("preview-file-hint")}>
          {(control) => (
            <input
              {...control}
              id={fileId}
              type="file"
              accept=".mbox,.eml,.ics"
              onChange={(event) => {
                look.reset();
                setFile(event.target.files?.[0] ?? null);
              }}
            />
          )}
        </Field>
        <div className={styles.buttons}>
          <Button type="submit" disabled={!file || look.isPending}>
            {t("preview-look")}
          </Button>
          {look.isPending ? <Spinner size="tiny" /> : null}
        </div>
        <ChangeProblem problem={look.error} />
      </form>
      {look.data ? <Found preview={look.data} /> : null}
    </section>
  );
}

function Found({ preview }: { preview: Preview }) {
  const { t } = useL10n();
  const { number, dateTime, list } = useFormats();
  const { report } = preview;
  const items = preview.items.slice(0, SHOWN);
  const hidden = preview.items.length - items.length + preview.items_omitted;
  return (
    <div role="status">
      <p>{t("preview-counts", { read: number(report.read), kept: number(report.kept) })}</p>
      {Object.keys(report.excluded).length > 0 ? (
        <ul>
          {Object.entries(report.excluded).map(([reason, count]) => (
            <li key={reason}>
              {number(count)}: {exclusionText(t, reason)}
            </li>
          ))}
        </ul>
      ) : null}
      <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby="preview">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t("preview-at")}</th>
              <th scope="col">{t("preview-who")}</th>
              <th scope="col">{t("preview-verdict")}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.where}>
                <td>{dateTime(item.at)}</td>
                <td>
                  {list(item.participants.map((one) => one.address))}
                  {item.subject ? <div className={styles.note}>{item.subject}</div> : null}
                </td>
                <td>
                  <Badge color={item.verdict === "kept" ? "brand" : "informative"} appearance="outline">
                    {t(item.verdict === "kept" ? "preview-kept" : "preview-left-out")}
                  </Badge>{" "}
                  {item.reason ? exclusionText(t, item.reason) : ""}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hidden > 0 ? <p className={styles.note}>{t("preview-more", { count: number(hidden) })}</p> : null}
    </div>
  );
}
