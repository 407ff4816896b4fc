import { Button, Field, Input, MessageBar, MessageBarBody, Radio, RadioGroup } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { putConnector, type Connector, type ConnectorKind } from "@/api/connectors.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { draftOf, isComplete, isSameServer, secretsGiven, settingsOf, type Draft } from "./connectorDraft.ts";
import { ConnectorFields, DomainsField } from "./ConnectorFields.tsx";
import { KIND_WORDS, KINDS } from "./connectorWords.tsx";
import styles from "./Settings.module.css";
import { SideForm } from "./SideForm.tsx";
import { useKeptConnector } from "./useKeptConnector.ts";

const ID = /^[a-z0-9-]{1,40}$/;

interface Props {
  /** Null: a new one. */
  connector: Connector | null;
  known: Connector[];
  onSaved: (connector: Connector) => void;
  onClose: () => void;
}

/** What is set of a connector: first what it speaks, then where it listens and how it signs in. */
export function ConnectorEditor({ connector, known, onSaved, onClose }: Props) {
  const { t } = useL10n();
  return (
    <SideForm title={connector ? t("connector-edit", { name: connector.id }) : t("connector-new")} onClose={onClose}>
      <Settings connector={connector} known={known} onSaved={onSaved} />
    </SideForm>
  );
}

function Settings({ connector, known, onSaved }: Omit<Props, "onClose">) {
  const { t } = useL10n();
  const keep = useKeptConnector();
  const [kind, setKind] = useState<ConnectorKind | null>(connector?.settings.kind ?? null);
  const [typedId, setTypedId] = useState("");
  const [draft, setDraft] = useState(() => draftOf(connector?.settings ?? null));
  const id = connector?.id ?? typedId;
  const idProblem = connector ? undefined : idProblemOf(typedId, known);
  const save = useMutation({
    mutationFn: (chosen: ConnectorKind) => putConnector(id, settingsOf(chosen, draft), secretsGiven(chosen, draft)),
    onSuccess: (kept) => {
      keep(kept);
      onSaved(kept);
    },
  });
  const change = (changed: Partial<Draft>) => setDraft((held) => ({ ...held, ...changed }));
  const choose = (chosen: ConnectorKind | null) => {
    setKind(chosen);
    // Not every kind knows every way to sign in.
    change({ way: "account" });
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (kind) save.mutate(kind);
  };
  const losesSecret = connector !== null && connector.secrets.length > 0 && !isSameServer(connector, draft);
  const isReady = kind !== null && id !== "" && idProblem === undefined && isComplete(kind, draft, connector);
  return (
    <form className={styles.form} onSubmit={submit}>
      {connector ? null : (
        <Field label={t("connector-kind")} hint={t("connector-kind-hint")}>
          <RadioGroup value={kind ?? ""} onChange={(_, data) => choose(KINDS.find((one) => one === data.value) ?? null)}>
            {KINDS.map((one) => (
              <Radio key={one} value={one} label={<Kind kind={one} />} />
            ))}
          </RadioGroup>
        </Field>
      )}
      {kind ? (
        <>
          {connector ? (
            <p className={styles.note}>
              <strong>{t(KIND_WORDS[kind].label)}</strong>: {t(KIND_WORDS[kind].text)}
            </p>
          ) : (
            <Field
              required
              label={t("connector-id")}
              hint={t("connector-id-hint")}
              validationMessage={idProblem ? t(idProblem) : undefined}
            >
              <Input value={typedId} maxLength={40} onChange={(_, data) => setTypedId(data.value)} />
            </Field>
          )}
          <ConnectorFields
            kind={kind}
            draft={draft}
            keepsSecrets={connector !== null && !losesSecret ? connector.secrets : []}
            onChange={change}
          />
          {losesSecret ? (
            <MessageBar intent="warning" layout="multiline">
              <MessageBarBody>{t("connector-secret-other")}</MessageBarBody>
            </MessageBar>
          ) : null}
          <DomainsField value={draft.domains} onChange={(domains) => change({ domains })} />
          <p className={styles.note}>{t("connector-consent")}</p>
          <ChangeProblem problem={save.error} />
          <div>
            <Button type="submit" appearance="primary" disabled={!isReady || save.isPending}>
              {t("action-save")}
            </Button>
          </div>
        </>
      ) : null}
    </form>
  );
}

function Kind({ kind }: { kind: ConnectorKind }) {
  const { t } = useL10n();
  return (
    <>
      {t(KIND_WORDS[kind].label)}
      <br />
      <small className={styles.note}>{t(KIND_WORDS[kind].text)}</small>
    </>
  );
}

function idProblemOf(typed: string, known: Connector[]) {
  if (typed === "") return undefined;
  if (known.some(({ id }) => id === typed)) return "connector-id-taken";
  return ID.test(typed) ? undefined : "connector-id-wrong";
}
