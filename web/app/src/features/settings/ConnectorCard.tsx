import { Badge, Button, useRestoreFocusTarget } from "@fluentui/react-components";
import {
  CheckmarkCircleRegular,
  ChevronDownRegular,
  ChevronRightRegular,
  DeleteRegular,
  EditRegular,
  ErrorCircleRegular,
  PauseCircleRegular,
  PauseRegular,
  PlayRegular,
} from "@fluentui/react-icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { connectorsQuery, deleteConnector, pauseConnector, type Connector } from "@/api/connectors.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { ConfirmDialog } from "./ConfirmDialog.tsx";
import { excludedOf, KIND_WORDS, serverOf, STATE_WORDS, statesOf } from "./connectorWords.tsx";
import styles from "./Connectors.module.css";
import { MailboxTable } from "./MailboxTable.tsx";
import settings from "./Settings.module.css";
import { useKeptConnector } from "./useKeptConnector.ts";

interface Props {
  connector: Connector;
  mayConfigure: boolean;
  /** Whether its mailboxes are shown from the beginning. */
  isOpenAtFirst: boolean;
  onEdit: () => void;
  onRemoved: () => void;
}

/** A connector: what it is, how it stands, what it brought, and below that its mailboxes. */
export function ConnectorCard({ connector, mayConfigure, isOpenAtFirst, onEdit, onRemoved }: Props) {
  const { t } = useL10n();
  const { dateTime, number } = useFormats();
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const titleId = useId();
  const mailboxesId = useId();
  const { id, settings: set, failure, notification_failure, mailboxes } = connector;
  return (
    <section aria-labelledby={titleId} className={settings.panel}>
      <div className={styles.head}>
        <h2 id={titleId}>{id}</h2>
        <ConnectorState connector={connector} />
      </div>
      <p className={styles.server}>
        {t(KIND_WORDS[set.kind].label)} · {serverOf(set)}
        {set.domains?.length ? ` · ${set.domains.join(", ")}` : ""}
      </p>
      {failure ? (
        <p className={styles.failure}>{t("connector-failure", { what: failure.what, again: dateTime(failure.at) })}</p>
      ) : null}
      <Users connector={connector} />
      {notification_failure == null || failure ? null : (
        <p className={settings.note}>{t("connector-not-notified", { what: notification_failure })}</p>
      )}
      <Totals connector={connector} />
      {mailboxes.length > 0 ? (
        <div className={styles.states}>
          {statesOf(connector).map(([state, count]) => {
            const { label, color, icon: Icon } = STATE_WORDS[state];
            return (
              <Badge key={state} appearance="tint" color={color} icon={<Icon />}>
                {`${t(label)}: ${number(count)}`}
              </Badge>
            );
          })}
        </div>
      ) : (
        <p className={settings.note}>{t("mailboxes-none")}</p>
      )}
      {mayConfigure ? <Changes connector={connector} onEdit={onEdit} onRemoved={onRemoved} /> : null}
      {mailboxes.length > 0 ? (
        <>
          <Button
            appearance="transparent"
            icon={isOpen ? <ChevronDownRegular /> : <ChevronRightRegular />}
            aria-expanded={isOpen}
            aria-controls={isOpen ? mailboxesId : undefined}
            onClick={() => setOpen(!isOpen)}
          >
            {t("mailboxes-of", { name: id, count: number(mailboxes.length) })}
          </Button>
          {isOpen ? (
            <div id={mailboxesId}>
              <MailboxTable connector={connector} mayConfigure={mayConfigure} />
            </div>
          ) : null}
        </>
      ) : null}
    </section>
  );
}

function ConnectorState({ connector: { paused, failure } }: { connector: Connector }) {
  const { t } = useL10n();
  if (paused)
    return (
      <Badge appearance="tint" color="warning" icon={<PauseCircleRegular />}>
        {t("connector-paused")}
      </Badge>
    );
  return failure ? (
    <Badge appearance="tint" color="danger" icon={<ErrorCircleRegular />}>
      {t("connector-failing")}
    </Badge>
  ) : (
    <Badge appearance="tint" color="success" icon={<CheckmarkCircleRegular />}>
      {t("connector-works")}
    </Badge>
  );
}

/** How reading users stands, where they come from there too. */
function Users({ connector: { users } }: { connector: Connector }) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  if (!users) return null;
  const { read_at: readAt, error } = users;
  return (
    <>
      <p className={settings.note}>
        {readAt ? t("connector-users-read", { at: dateTime(readAt) }) : t("connector-users-not-yet")}
      </p>
      {error ? <p className={styles.failure}>{t("connector-users-failure", { what: error })}</p> : null}
    </>
  );
}

function Totals({ connector: { total, mailboxes } }: { connector: Connector }) {
  const { t } = useL10n();
  const { number } = useFormats();
  if (!total) return <p className={settings.note}>{t("connector-council")}</p>;
  if (mailboxes.length === 0) return null;
  const counts = [
    ["count-read", total.read],
    ["count-kept", total.kept],
    ["count-known", total.duplicates],
    ["count-excluded", excludedOf(total)],
    ["count-failed", total.failed],
  ] as const;
  return (
    <dl className={styles.totals}>
      {counts.map(([label, count]) => (
        <div key={label}>
          <dt>{t(label)}</dt>
          <dd>{number(count)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Changes({ connector: { id, paused }, onEdit, onRemoved }: Pick<Props, "connector" | "onEdit" | "onRemoved">) {
  const { t } = useL10n();
  const queries = useQueryClient();
  const keep = useKeptConnector();
  const restored = useRestoreFocusTarget();
  const [isAsked, setAsked] = useState(false);
  const pause = useMutation({ mutationFn: () => pauseConnector(id, !paused), onSuccess: keep });
  const remove = useMutation({
    mutationFn: () => deleteConnector(id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: connectorsQuery().queryKey });
      onRemoved();
    },
  });
  return (
    <>
      <div className={settings.buttons}>
        <Button size="small" icon={<EditRegular />} aria-label={t("connector-edit", { name: id })} onClick={onEdit} {...restored}>
          {t("action-edit")}
        </Button>
        <Button
          size="small"
          icon={paused ? <PlayRegular /> : <PauseRegular />}
          aria-label={t(paused ? "connector-resume" : "connector-pause", { name: id })}
          disabledFocusable={pause.isPending}
          onClick={() => pause.mutate()}
        >
          {t(paused ? "capture-resume" : "capture-pause")}
        </Button>
        <Button
          size="small"
          icon={<DeleteRegular />}
          aria-label={t("connector-remove", { name: id })}
          disabledFocusable={remove.isPending}
          onClick={() => setAsked(true)}
          {...restored}
        >
          {t("connector-remove-short")}
        </Button>
      </div>
      <ChangeProblem problem={pause.error ?? remove.error} />
      {isAsked ? (
        <ConfirmDialog
          title={t("connector-remove", { name: id })}
          text={t("connector-remove-text")}
          action={t("connector-remove-do")}
          onClose={() => setAsked(false)}
          onConfirm={() => remove.mutate()}
        />
      ) : null}
    </>
  );
}
