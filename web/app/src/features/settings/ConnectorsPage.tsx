import { Button, MessageBar, MessageBarBody, mergeClasses, useRestoreFocusTarget } from "@fluentui/react-components";
import { AddRegular, PlugConnectedRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { GuideLink } from "@/components/GuideLink.tsx";
import { useState } from "react";
import { connectorsQuery } from "@/api/connectors.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { ConnectorCard } from "./ConnectorCard.tsx";
import { ConnectorEditor } from "./ConnectorEditor.tsx";
import styles from "./Connectors.module.css";
import { Loading } from "./Loading.tsx";
import settings from "./Settings.module.css";
import { useMay } from "./useMay.ts";
import { WhoMay } from "./WhoMay.tsx";

/** Mail systems that mailboxes are captured from, and how capture of each mailbox stands. */
export function ConnectorsPage() {
  const { t } = useL10n();
  const connectors = useQuery(connectorsQuery());
  const mayConfigure = useMay()("configure");
  // A connector's id; empty: one that is being added.
  const [edited, setEdited] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<string | null>(null);
  const restored = useRestoreFocusTarget();
  if (connectors.error && !connectors.data)
    return <ProblemState problem={connectors.error} retry={() => void connectors.refetch()} />;
  if (!connectors.data || mayConfigure === null) return <Loading />;
  const { items } = connectors.data;
  const connector = items.find(({ id }) => id === edited) ?? null;
  const edit = (id: string) => {
    setOutcome(null);
    setEdited(id);
  };
  return (
    <div className={mergeClasses(settings.page, styles.wide)}>
      <h1 className={settings.title}>{t("page-connectors")}</h1>
      <p>
        {t("connectors-text")} {t("connectors-before")} <Link to="/settings/overview">{t("page-overview")}</Link>
      </p>
      <GuideLink guide="connectors" />
      <WhoMay what="configure" />
      <div role="status">
        {outcome === null ? null : (
          <MessageBar intent="success" layout="multiline">
            <MessageBarBody>{outcome}</MessageBarBody>
          </MessageBar>
        )}
      </div>
      {mayConfigure ? (
        <div className={settings.buttons}>
          <Button
            appearance={items.length === 0 ? "primary" : "secondary"}
            icon={<AddRegular />}
            onClick={() => edit("")}
            {...restored}
          >
            {t("connector-new")}
          </Button>
        </div>
      ) : null}
      {items.length === 0 ? (
        <StateBox
          icon={<PlugConnectedRegular />}
          title={t("connectors-none")}
          text={t(mayConfigure ? "connectors-none-text" : "connectors-none-others")}
        />
      ) : null}
      {items.map((item) => (
        <ConnectorCard
          key={item.id}
          connector={item}
          mayConfigure={mayConfigure}
          isOpenAtFirst={items.length === 1}
          onEdit={() => edit(item.id)}
          onRemoved={() => setOutcome(t("connector-removed", { name: item.id }))}
        />
      ))}
      {edited !== null && (edited === "" || connector) ? (
        <ConnectorEditor
          key={edited}
          connector={connector}
          known={items}
          onSaved={({ id }) => {
            setEdited(null);
            setOutcome(t("connector-saved", { name: id }));
          }}
          onClose={() => setEdited(null)}
        />
      ) : null}
    </div>
  );
}
