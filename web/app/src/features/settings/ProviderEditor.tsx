import { Button, Checkbox, Field, Input, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { deleteProvider, providersQuery, putProvider, type NewProvider, type ProviderSettings } from "@/api/providers.ts";
import { signInQuery } from "@/api/sign-in.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { CopyButton } from "./CopyButton.tsx";
import { redirectAddress, redirectAddressOf } from "./redirectAddress.ts";
import styles from "./Settings.module.css";
import { SideForm } from "./SideForm.tsx";

/** How Entra ID says in an ID token that somebody is a Global Administrator. */
const ENTRA = { claim: "wids", value: "62e90394-69f5-4237-9190-012177145e10" };
const ID = /^[a-z0-9-]{1,40}$/;
/** What the server calls signing in without a provider. */
const NO_ID = "password";

interface Props {
  /** Null: a new one. */
  provider: ProviderSettings | null;
  known: ProviderSettings[];
  /** Who signs in is set by whoever manages users, who is a tenant administrator by whoever may consent. */
  mayManage: boolean;
  mayConsent: boolean;
  /** Nobody signs in yet: whoever looks is the administrator of this machine. */
  isLocal: boolean;
  onSaved: (provider: ProviderSettings) => void;
  onDeleted: (name: string) => void;
  onClose: () => void;
}

/** How users sign in by a provider, and by what it knows tenant administrators. */
export function ProviderEditor(props: Props) {
  const { t } = useL10n();
  const { provider, mayManage, onDeleted, onClose } = props;
  return (
    <SideForm title={provider ? t("provider-edit", { name: provider.name }) : t("provider-new")} onClose={onClose}>
      <Settings {...props} />
      {provider && mayManage ? <Removal provider={provider} onDeleted={onDeleted} /> : null}
    </SideForm>
  );
}

function Settings({ provider, known, mayManage, mayConsent, isLocal, onSaved }: Props) {
  const { t } = useL10n();
  const queries = useQueryClient();
  const [typedId, setTypedId] = useState("");
  const [name, setName] = useState(provider?.name ?? "");
  const [issuer, setIssuer] = useState(provider?.issuer ?? "");
  const [client, setClient] = useState(provider?.client_id ?? "");
  const [secret, setSecret] = useState("");
  const [hasNoSecret, setHasNoSecret] = useState(provider?.has_secret === false);
  const [trusts, setTrusts] = useState(provider?.trusts_addresses ?? false);
  const [claim, setClaim] = useState(provider?.administrators?.claim ?? "");
  const [value, setValue] = useState(provider?.administrators?.value ?? "");
  const id = provider?.id ?? typedId;
  const idProblem =
    provider || typedId === ""
      ? undefined
      : known.some((other) => other.id === typedId)
        ? t("provider-id-taken")
        : ID.test(typedId) && typedId !== NO_ID
          ? undefined
          : t("provider-id-wrong");
  const isSameClient = provider?.issuer === issuer.trim() && provider.client_id === client.trim();
  // Another issuer or client is never sent the known secret, and believed nothing about tenant administrators.
  const keepsSecret = isSameClient && provider.has_secret;
  const hasSecret = hasNoSecret || keepsSecret || secret.trim() !== "";
  const isHalf = (claim.trim() === "") !== (value.trim() === "");
  const isComplete = id !== "" && idProblem === undefined && issuer.trim() !== "" && client.trim() !== "" && hasSecret && !isHalf;
  const losesClaim = !mayConsent && provider?.administrators != null && !isSameClient;
  const address = provider ? redirectAddress(provider.redirect_url) : redirectAddressOf(id, known[0]?.redirect_url);

  const administrators = () => {
    if (!mayConsent) return isSameClient ? provider.administrators : null;
    return claim.trim() === "" ? null : { claim: claim.trim(), value: value.trim() };
  };
  const changed = (): NewProvider => {
    if (provider && !mayManage) {
      const { name, issuer, client_id, trusts_addresses } = provider;
      return { name, issuer, client_id, trusts_addresses, administrators: administrators() };
    }
    return {
      name: name.trim(),
      issuer: issuer.trim(),
      client_id: client.trim(),
      trusts_addresses: trusts,
      administrators: administrators(),
      // What is left out stays as it is.
      secret: hasNoSecret ? "" : secret.trim() === "" ? undefined : secret.trim(),
    };
  };
  const save = useMutation({
    mutationFn: () => putProvider(id, changed()),
    onSuccess: (kept) => {
      const { queryKey } = providersQuery();
      queries.setQueryData(queryKey, (held) => ({
        items: [...(held?.items ?? []).filter((other) => other.id !== kept.id), kept].sort((a, b) => (a.name < b.name ? -1 : 1)),
      }));
      // Where nobody signed in until now, whoever set this up is not known any more: what is there is all they are told.
      if (!isLocal) {
        void queries.invalidateQueries({ queryKey });
        void queries.invalidateQueries({ queryKey: signInQuery().queryKey });
      }
      onSaved(kept);
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {isLocal ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t("provider-first")}</MessageBarBody>
        </MessageBar>
      ) : null}
      {mayManage ? null : <p className={styles.note}>{t("provider-manage-only")}</p>}
      {provider ? null : (
        <Field required label={t("provider-id")} hint={t("provider-id-hint")} validationMessage={idProblem}>
          <Input value={typedId} onChange={(_, data) => setTypedId(data.value)} />
        </Field>
      )}
      <Field label={t("provider-name")} hint={t("provider-name-hint")}>
        <Input value={name} readOnly={!mayManage} onChange={(_, data) => setName(data.value)} />
      </Field>
      <Field required label={t("provider-issuer")} hint={t("provider-issuer-hint")}>
        <Input type="url" value={issuer} readOnly={!mayManage} onChange={(_, data) => setIssuer(data.value)} />
      </Field>
      <Field required label={t("provider-client")} hint={t("provider-client-hint")}>
        <Input value={client} readOnly={!mayManage} onChange={(_, data) => setClient(data.value)} />
      </Field>
      {id === "" || idProblem !== undefined ? null : (
        <p>
          {t("provider-register")} <code className={styles.hash}>{address}</code>{" "}
          <CopyButton text={address} label={t("provider-copy", { name: name || id })} />
        </p>
      )}
      {mayManage ? (
        <>
          <Field
            required={!hasNoSecret && !keepsSecret}
            label={t("provider-secret")}
            hint={t(
              keepsSecret ? "provider-secret-keep" : provider?.has_secret ? "provider-secret-other" : "provider-secret-hint",
            )}
          >
            <Input
              type="password"
              autoComplete="off"
              value={hasNoSecret ? "" : secret}
              disabled={hasNoSecret}
              onChange={(_, data) => setSecret(data.value)}
            />
          </Field>
          <Checkbox
            checked={hasNoSecret}
            label={t("provider-no-secret")}
            onChange={(_, data) => setHasNoSecret(data.checked === true)}
          />
        </>
      ) : null}
      <div>
        <Checkbox
          checked={trusts}
          disabled={!mayManage}
          label={t("provider-trusts-label")}
          aria-describedby="provider-trusts"
          onChange={(_, data) => setTrusts(data.checked === true)}
        />
        <p id="provider-trusts" className={styles.note}>
          {t("provider-trusts-text")}
        </p>
      </div>
      <section aria-labelledby="provider-administrators" className={styles.form}>
        <h3 id="provider-administrators">{t("provider-administrators")}</h3>
        <p className={styles.note}>{t("provider-administrators-text")}</p>
        {mayConsent ? null : <p className={styles.note}>{t("provider-consent-only")}</p>}
        <Field label={t("provider-claim")} hint={t("provider-claim-hint", ENTRA)}>
          <Input value={claim} maxLength={200} readOnly={!mayConsent} onChange={(_, data) => setClaim(data.value)} />
        </Field>
        <Field
          label={t("provider-value")}
          hint={t("provider-value-hint", ENTRA)}
          validationMessage={isHalf ? t("provider-claim-half") : undefined}
        >
          <Input value={value} maxLength={200} readOnly={!mayConsent} onChange={(_, data) => setValue(data.value)} />
        </Field>
        {losesClaim ? (
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>{t("provider-claim-lost")}</MessageBarBody>
          </MessageBar>
        ) : null}
      </section>
      <ChangeProblem problem={save.error} />
      <div>
        <Button type="submit" appearance="primary" disabled={!isComplete || save.isPending}>
          {t("action-save")}
        </Button>
      </div>
    </form>
  );
}

function Removal({ provider, onDeleted }: { provider: ProviderSettings; onDeleted: (name: string) => void }) {
  const { t } = useL10n();
  const queries = useQueryClient();
  const [isSure, setSure] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteProvider(provider.id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: providersQuery().queryKey });
      void queries.invalidateQueries({ queryKey: signInQuery().queryKey });
      onDeleted(provider.name);
    },
  });
  return (
    <section aria-labelledby="provider-delete" className={styles.form}>
      <h3 id="provider-delete">{t("provider-delete")}</h3>
      <p className={styles.note}>{t("provider-delete-text")}</p>
      <Checkbox checked={isSure} label={t("provider-delete-sure")} onChange={(_, data) => setSure(data.checked === true)} />
      <ChangeProblem problem={remove.error} />
      <div>
        <Button disabled={!isSure || remove.isPending} onClick={() => remove.mutate()}>
          {t("provider-delete-do", { name: provider.name })}
        </Button>
      </div>
    </section>
  );
}
