import { Button, MessageBar, MessageBarBody, Spinner, useRestoreFocusTarget } from "@fluentui/react-components";
import { AddRegular, EditRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { meQuery } from "@/api/people.ts";
import { providersQuery, type ProviderSettings } from "@/api/providers.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { usePreferences } from "@/frame/preferences.ts";
import { NOTHING } from "@/i18n/formats.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { CopyButton } from "./CopyButton.tsx";
import { ProviderEditor } from "./ProviderEditor.tsx";
import { redirectAddress } from "./redirectAddress.ts";
import styles from "./Settings.module.css";

const HEADS = [
  "provider-name",
  "provider-issuer",
  "provider-client",
  "provider-redirect",
  "provider-secret",
  "provider-trusts",
  "provider-administrators",
] as const;

/** What became of the last change. */
interface Outcome {
  words: string;
  intent: "success" | "warning";
}

/** OpenID providers by which users sign in here, and by what they know tenant administrators. */
export function ProvidersPage() {
  const { t } = useL10n();
  const providers = useQuery(providersQuery());
  const me = useQuery(meQuery(usePreferences().preferences.viewer)).data;
  // A provider's id; empty: one that is being added.
  const [edited, setEdited] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [everybodySignsIn, setEverybodySignsIn] = useState(false);
  const restored = useRestoreFocusTarget();
  if (providers.error && !providers.data)
    return <ProblemState problem={providers.error} retry={() => void providers.refetch()} />;
  if (!providers.data) return <Spinner label={t("state-loading")} />;
  const { items } = providers.data;
  const tasks = me?.rights.tasks ?? [];
  const [mayManage, mayConsent] = [tasks.includes("manage_users"), tasks.includes("consent")];
  const provider = items.find(({ id }) => id === edited) ?? null;
  const edit = (id: string) => {
    setOutcome(null);
    setEdited(id);
  };
  const isLocal = me?.is_local_administrator ?? false;
  const saved = ({ name, problem }: ProviderSettings) => {
    setEdited(null);
    setEverybodySignsIn(isLocal);
    setOutcome(
      problem == null
        ? { intent: "success", words: t("provider-saved", { name }) }
        : { intent: "warning", words: t("provider-saved-problem", { name, problem }) },
    );
  };
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-providers")}</h1>
      <p>{t("providers-text")}</p>
      {outcome ? (
        <MessageBar intent={outcome.intent} layout="multiline">
          <MessageBarBody>
            {outcome.words}{" "}
            {everybodySignsIn ? (
              <>
                {t("provider-everybody-signs-in")} <a href="/">{t("sign-in-title")}</a>
              </>
            ) : null}
          </MessageBarBody>
        </MessageBar>
      ) : null}
      {mayManage ? (
        <div className={styles.buttons}>
          <Button icon={<AddRegular />} onClick={() => edit("")} {...restored}>
            {t("provider-new")}
          </Button>
        </div>
      ) : null}
      {items.length === 0 ? (
        <StateBox title={t("providers-none")} text={t(mayManage ? "providers-none-text" : "providers-none-others")} />
      ) : (
        <div className={styles.panel}>
          <div className={styles.scroll} tabIndex={0} role="region" aria-label={t("page-providers")}>
            <table className={styles.table}>
              <thead>
                <tr>
                  {HEADS.map((label) => (
                    <th key={label} scope="col">
                      {t(label)}
                    </th>
                  ))}
                  {mayManage || mayConsent ? <td /> : null}
                </tr>
              </thead>
              <tbody>
                {items.map((item) => (
                  <tr key={item.id}>
                    <th scope="row">{item.name}</th>
                    <td className={styles.hash}>{item.issuer}</td>
                    <td className={styles.hash}>{item.client_id}</td>
                    <td className={styles.hash}>
                      {redirectAddress(item.redirect_url)}{" "}
                      <CopyButton text={redirectAddress(item.redirect_url)} label={t("provider-copy", { name: item.name })} />
                    </td>
                    <td>{t(item.has_secret ? "provider-secret-kept" : "provider-secret-none")}</td>
                    <td>{t(item.trusts_addresses ? "provider-trusts-yes" : "provider-trusts-no")}</td>
                    <td className={styles.hash}>
                      {item.administrators ? `${item.administrators.claim} = ${item.administrators.value}` : NOTHING}
                    </td>
                    {mayManage || mayConsent ? (
                      <td>
                        <Button
                          appearance="subtle"
                          icon={<EditRegular />}
                          aria-label={t("provider-edit", { name: item.name })}
                          onClick={() => edit(item.id)}
                          {...restored}
                        />
                      </td>
                    ) : null}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </div>
      )}
      {edited !== null && (edited === "" || provider) ? (
        <ProviderEditor
          key={edited}
          provider={provider}
          known={items}
          mayManage={mayManage}
          mayConsent={mayConsent}
          isLocal={isLocal}
          onSaved={saved}
          onDeleted={(name) => {
            setEdited(null);
            setEverybodySignsIn(false);
            setOutcome({ intent: "success", words: t("provider-deleted", { name }) });
          }}
          onClose={() => setEdited(null)}
        />
      ) : null}
    </div>
  );
}
