import { Badge, Button, Checkbox, Field, Input, Link, Radio, RadioGroup } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  createPrivacyRequest,
  privacyRequestFile,
  privacyRequestsQuery,
  processingRecord,
  type PrivacyRequest,
} from "@/api/privacy.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { AccessLog } from "./AccessLog.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { Loading } from "./Loading.tsx";
import { Objections } from "./Objections.tsx";
import { outcomeText } from "./outcomes.ts";
import { Retention } from "./Retention.tsx";
import styles from "./Settings.module.css";

const STATES: Record<string, [MessageId, "informative" | "success" | "danger"]> = {
  PROCESSING: ["request-processing", "informative"],
  COMPLETED: ["request-completed", "success"],
  FAILED: ["request-failed", "danger"],
};

const DOCUMENTS = [
  ["record", "requests-record"],
  ["impact", "requests-impact"],
] as const;

/** How a document can be had; the names are the same in every language. */
const FORMATS = [
  ["markdown", "Markdown"],
  ["pdf", "PDF"],
] as const;

/** What the privacy administrator does: requests of people, the access log, documents. */
export function PrivacyRequestsPage() {
  const { t, language } = useL10n();
  const requests = useQuery(privacyRequestsQuery());
  if (requests.error) return <ProblemState problem={requests.error} retry={() => void requests.refetch()} />;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-privacy-requests")}</h1>
      <section aria-labelledby="requests-new" className={styles.panel}>
        <h2 id="requests-new">{t("requests-new")}</h2>
        <NewRequest />
      </section>
      <section aria-labelledby="requests-all" className={styles.panel}>
        <h2 id="requests-all">{t("requests-all")}</h2>
        {requests.data ? null : <Loading />}
        {requests.data?.items.length === 0 ? <p className={styles.note}>{t("requests-none")}</p> : null}
        <ul className={styles.plain}>
          {requests.data?.items.map((item) => (
            <Request key={item.id} item={item} />
          ))}
        </ul>
      </section>
      <Objections />
      <Retention />
      <section aria-labelledby="requests-documents" className={styles.panel}>
        <h2 id="requests-documents">{t("requests-documents")}</h2>
        <p>{t("requests-documents-text")}</p>
        <ul>
          {DOCUMENTS.map(([document, label]) =>
            FORMATS.map(([format, name]) => (
              <li key={`${document}-${format}`}>
                <Link inline href={processingRecord(document, language, format)} download>
                  {t(label, { format: name })}
                </Link>
              </li>
            )),
          )}
        </ul>
      </section>
      <AccessLog />
    </div>
  );
}

function NewRequest() {
  const { t } = useL10n();
  const queries = useQueryClient();
  const [kind, setKind] = useState<"erase" | "export">("export");
  const [address, setAddress] = useState("");
  const [keepsObjection, setKeepsObjection] = useState(true);
  const [isSure, setSure] = useState(false);
  const create = useMutation({
    mutationFn: () => createPrivacyRequest({ kind, address, keeps_objection: keepsObjection }),
    onSuccess: () => {
      setAddress("");
      setSure(false);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["privacy-requests"] }),
  });
  return (
    <form
      className={styles.upload}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <RadioGroup
        aria-label={t("requests-kind")}
        value={kind}
        onChange={(_, { value }) => setKind(value === "erase" ? "erase" : "export")}
      >
        <Radio value="export" label={t("requests-export")} />
        <Radio value="erase" label={t("requests-erase")} />
      </RadioGroup>
      <Field required label={t("requests-address")} hint={t("requests-address-hint")}>
        <Input type="email" value={address} onChange={(_, { value }) => setAddress(value)} />
      </Field>
      {kind === "erase" ? (
        <>
          <Checkbox
            checked={keepsObjection}
            label={t("requests-objection")}
            onChange={(_, { checked }) => setKeepsObjection(checked === true)}
          />
          <Checkbox checked={isSure} label={t("requests-sure")} onChange={(_, { checked }) => setSure(checked === true)} />
        </>
      ) : null}
      <div className={styles.buttons}>
        <Button
          type="submit"
          appearance="primary"
          disabled={address.trim() === "" || create.isPending || (kind === "erase" && !isSure)}
        >
          {t(kind === "erase" ? "requests-do-erase" : "requests-do-export")}
        </Button>
      </div>
      <ChangeProblem problem={create.error} />
    </form>
  );
}

function Request({ item }: { item: PrivacyRequest }) {
  const { t } = useL10n();
  const { dateTime, number } = useFormats();
  const [label, color] = STATES[item.state] ?? (["request-processing", "informative"] as const);
  return (
    <li className={styles.request}>
      <p>
        <strong>{t(item.kind === "erase" ? "requests-erase" : "requests-export")}</strong>{" "}
        <Badge appearance="tint" color={color}>
          {t(label)}
        </Badge>
      </p>
      <p className={styles.note}>
        {[item.address, dateTime(item.asked_at), item.asked_by, outcomeText(t, number, item.outcome)].filter(Boolean).join(" · ")}
      </p>
      {item.kind === "export" && item.state === "COMPLETED" && item.address ? (
        <p>
          <Link inline href={privacyRequestFile(item.id)} download={`request-${item.id}.json`}>
            {t("requests-file")}
          </Link>
        </p>
      ) : null}
    </li>
  );
}
