import { Button, Checkbox, Field, Input, MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { createToken, deleteToken, tokensQuery } from "@/api/sign-in.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import styles from "./Settings.module.css";

const SCOPES = [
  { scope: "read", label: "account-token-read" },
  { scope: "write", label: "account-token-write" },
  { scope: "manage", label: "account-token-manage" },
] as const;
const DAYS = "90";
const DAYS_MAX = 365;

/** Tokens of programs that act for whoever is signed in. */
export function Tokens() {
  const { t } = useL10n();
  const { dateTime, list } = useFormats();
  const queries = useQueryClient();
  const tokens = useQuery(tokensQuery());
  const changed = () => queries.invalidateQueries({ queryKey: tokensQuery().queryKey });
  const remove = useMutation({ mutationFn: deleteToken, onSettled: changed });
  const items = tokens.data?.items ?? [];
  const words = (scopes: string) =>
    list(
      scopes.split(" ").map((word) => {
        const known = SCOPES.find(({ scope }) => scope === word);
        return known ? t(known.label) : word;
      }),
    );
  return (
    <section aria-labelledby="account-tokens" className={styles.panel}>
      <h2 id="account-tokens">{t("account-tokens")}</h2>
      <p>{t("account-tokens-text")}</p>
      {tokens.error ? <ProblemState isSmall problem={tokens.error} retry={() => void tokens.refetch()} /> : null}
      <ChangeProblem problem={remove.error} />
      {tokens.data && items.length === 0 ? <p className={styles.note}>{t("account-tokens-none")}</p> : null}
      {items.length > 0 ? (
        <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby="account-tokens">
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t("account-token-name")}</th>
                <th scope="col">{t("account-token-scopes")}</th>
                <th scope="col">{t("account-session-used")}</th>
                <th scope="col">{t("account-token-expires")}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {items.map((token) => (
                <tr key={token.id}>
                  <th scope="row">{token.name}</th>
                  <td>{words(token.scopes)}</td>
                  <td>{token.used_at == null ? t("account-token-never-used") : dateTime(token.used_at)}</td>
                  <td>{dateTime(token.expires_at)}</td>
                  <td>
                    <Button size="small" disabled={remove.isPending} onClick={() => remove.mutate(token.id)}>
                      {t("account-token-delete", { name: token.name })}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      <NewToken onMade={() => void changed()} />
    </section>
  );
}

function NewToken({ onMade }: { onMade: () => void }) {
  const { t } = useL10n();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly string[]>(["read"]);
  const [days, setDays] = useState(DAYS);
  const make = useMutation({
    mutationFn: () => createToken({ name, scopes: scopes.join(" "), days: Number(days) }),
    onSuccess: () => {
      setName("");
      onMade();
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const toggle = (scope: string, isOn: boolean) =>
    setScopes((held) => (isOn ? [...held, scope] : held.filter((other) => other !== scope)));
  return (
    <form className={styles.upload} onSubmit={submit}>
      <h3>{t("account-token-create")}</h3>
      <Field label={t("account-token-name")}>
        <Input required maxLength={100} value={name} onChange={(_, { value }) => setName(value)} />
      </Field>
      <fieldset className={styles.choices}>
        <legend>{t("account-token-scopes")}</legend>
        {SCOPES.map(({ scope, label }) => (
          <Checkbox
            key={scope}
            label={t(label)}
            checked={scopes.includes(scope)}
            onChange={(_, { checked }) => toggle(scope, checked === true)}
          />
        ))}
      </fieldset>
      <Field label={t("account-token-days")}>
        <Input type="number" required min={1} max={DAYS_MAX} value={days} onChange={(_, { value }) => setDays(value)} />
      </Field>
      <ChangeProblem problem={make.error} />
      {make.data ? (
        <MessageBar intent="success" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t("account-token-made")}</MessageBarTitle>
            <code className={styles.hash}>{make.data.token}</code>
          </MessageBarBody>
        </MessageBar>
      ) : null}
      <div>
        <Button type="submit" disabled={make.isPending}>
          {t("account-token-create")}
        </Button>
      </div>
    </form>
  );
}
