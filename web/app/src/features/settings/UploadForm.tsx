import { Button, Dropdown, Field, Input, MessageBar, MessageBarBody, Option } from "@fluentui/react-components";
import { ArrowUploadRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useRef, useState } from "react";
import { enablingQuery } from "@/api/enabling.ts";
import { IMPORT_KINDS, MAILBOX_KINDS, upload, type ImportKind } from "@/api/imports.ts";
import { UserLookup } from "@/components/record-form/UserLookup.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { ACCEPTED, IMPORT_LABELS, kindOfName } from "./importKinds.ts";
import { mailboxGap } from "./mailboxGap.ts";
import styles from "./Settings.module.css";
import { useMay } from "./useMay.ts";

/** Hands a file to the server. Its name tells what it is, unless somebody says otherwise. */
export function UploadForm() {
  const { t } = useL10n();
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const fileId = useId();
  const [kind, setKind] = useState<ImportKind>("contacts");
  const [file, setFile] = useState<File | null>(null);
  const [mailbox, setMailbox] = useState<string | undefined>(undefined);
  const [consent, setConsent] = useState("");
  const enabling = useQuery(enablingQuery());
  const may = useMay();
  const isMailbox = MAILBOX_KINDS.includes(kind);
  const gap = isMailbox && enabling.data ? mailboxGap(enabling.data) : null;
  const needsConsent = gap?.isConsent === true && may("consent") === true;
  const isUsers = kind === "users";
  // Where it is not known the server says whether it may be.
  const isRefused = (gap !== null && !needsConsent) || (isUsers && !may("manage_users"));
  const send = useMutation({
    mutationFn: (chosen: File) =>
      upload({
        kind,
        file: chosen,
        mailbox: isMailbox ? mailbox : undefined,
        consent: needsConsent ? consent.trim() : undefined,
      }),
    onSuccess: async () => {
      setFile(null);
      if (input.current) input.current.value = "";
      await queries.invalidateQueries();
    },
  });
  const choose = (chosen: File | null) => {
    send.reset();
    setFile(chosen);
    const told = chosen ? kindOfName(chosen.name) : undefined;
    if (told) setKind(told);
  };
  return (
    <section aria-labelledby="upload" className={styles.panel}>
      <h2 id="upload">{t("upload-title")}</h2>
      <form
        className={styles.upload}
        onSubmit={(event) => {
          event.preventDefault();
          if (file) send.mutate(file);
        }}
      >
        <Field label={{ children: t("upload-file"), htmlFor: fileId }} hint={t("upload-file-hint")}>
          {(control) => (
            <input
              {...control}
              id={fileId}
              ref={input}
              type="file"
              accept={ACCEPTED}
              onChange={(event) => choose(event.target.files?.[0] ?? null)}
            />
          )}
        </Field>
        <Field label={t("upload-kind")}>
          <Dropdown
            value={t(IMPORT_LABELS[kind])}
            selectedOptions={[kind]}
            onOptionSelect={(_, { optionValue }) => setKind(IMPORT_KINDS.find((known) => known === optionValue) ?? kind)}
          >
            {IMPORT_KINDS.map((known) => (
              <Option key={known} value={known}>
                {t(IMPORT_LABELS[known])}
              </Option>
            ))}
          </Dropdown>
        </Field>
        {isMailbox ? (
          <Field label={t("upload-mailbox")} hint={t("upload-mailbox-hint")}>
            <UserLookup value={mailbox ? [mailbox] : []} onChange={([chosen]) => setMailbox(chosen)} />
          </Field>
        ) : null}
        {needsConsent ? (
          <Field label={t("upload-consent")} hint={t("upload-consent-hint")} required>
            <Input value={consent} onChange={(_, data) => setConsent(data.value)} />
          </Field>
        ) : null}
        {gap && !needsConsent ? (
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>
              {t(gap.isConsent ? "upload-consent-elsewhere" : gap.text)} <Link to={gap.page.to}>{t(gap.page.label)}</Link>
            </MessageBarBody>
          </MessageBar>
        ) : null}
        {isUsers && may("manage_users") === false ? <p className={styles.note}>{t("may-users")}</p> : null}
        <ChangeProblem problem={send.error} />
        <div>
          <Button
            type="submit"
            appearance="primary"
            icon={<ArrowUploadRegular />}
            disabled={
              !file || isRefused || (isMailbox && enabling.isPending) || send.isPending || (needsConsent && consent.trim() === "")
            }
          >
            {t(send.isPending ? "upload-sending" : "upload-send")}
          </Button>{" "}
          <span role="status">{send.isSuccess ? t("upload-sent") : ""}</span>
        </div>
      </form>
    </section>
  );
}
