import { Badge, Button, Dropdown, Field, mergeClasses, Option, ProgressBar, SearchBox } from "@fluentui/react-components";
import { useState } from "react";
import type { Connector, Counts, Mailbox } from "@/api/connectors.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { excludedOf, STATE_WORDS, stateOf, STATES, statesOf, type MailboxState } from "./connectorWords.tsx";
import styles from "./Connectors.module.css";
import { exclusionText } from "./exclusions.ts";
import { MailboxActions } from "./MailboxActions.tsx";
import settings from "./Settings.module.css";

/** Mailboxes that stand on one page: an organization has thousands. */
const PAGE_MAILBOXES = 50;

const COUNT_HEADS = ["count-read", "count-kept", "count-known", "count-excluded", "count-failed"] as const;

interface Props {
  connector: Connector;
  mayConfigure: boolean;
}

/** Sync health: how capture of each mailbox of a connector stands. */
export function MailboxTable({ connector, mayConfigure }: Props) {
  const { t } = useL10n();
  const { number } = useFormats();
  const [text, setText] = useState("");
  const [wanted, setWanted] = useState<MailboxState | null>(null);
  const [page, setPage] = useState(0);
  const { id, mailboxes } = connector;
  const words = text.trim().toLocaleLowerCase();
  const found = mailboxes.filter(
    (mailbox) =>
      (wanted === null || stateOf(mailbox) === wanted) &&
      `${mailbox.address} ${mailbox.name}`.toLocaleLowerCase().includes(words),
  );
  // Mailboxes may have left the filter since somebody turned the page.
  const pages = Math.max(1, Math.ceil(found.length / PAGE_MAILBOXES));
  const first = Math.min(page, pages - 1) * PAGE_MAILBOXES;
  const shown = found.slice(first, first + PAGE_MAILBOXES);
  const isTold = mailboxes.some(({ counts }) => counts != null);
  const stateWord = (state: MailboxState, count: number) => `${t(STATE_WORDS[state].label)} (${number(count)})`;
  const states = statesOf(connector);
  const chosen = states.find(([state]) => state === wanted);
  return (
    <>
      <div className={styles.filters}>
        <Field label={t("mailboxes-search")}>
          <SearchBox
            value={text}
            onChange={(_, data) => {
              setText(data.value);
              setPage(0);
            }}
          />
        </Field>
        <Field label={t("mailboxes-state")}>
          <Dropdown
            value={wanted ? stateWord(wanted, chosen?.[1] ?? 0) : t("mailboxes-all")}
            selectedOptions={[wanted ?? ""]}
            onOptionSelect={(_, { optionValue }) => {
              setWanted(STATES.find((state) => state === optionValue) ?? null);
              setPage(0);
            }}
          >
            <Option value="">{t("mailboxes-all")}</Option>
            {states.map(([state, count]) => (
              <Option key={state} value={state}>
                {stateWord(state, count)}
              </Option>
            ))}
          </Dropdown>
        </Field>
      </div>
      {isTold ? null : <p className={settings.note}>{t("mailboxes-council")}</p>}
      {shown.length === 0 ? (
        <p role="status">{t("mailboxes-none-found")}</p>
      ) : (
        <div
          className={settings.scroll}
          tabIndex={0}
          role="region"
          aria-label={t("mailboxes-of", { name: id, count: number(mailboxes.length) })}
        >
          <table className={mergeClasses(settings.table, styles.table)}>
            <thead>
              <tr>
                {(["mailbox-name", "mailbox-state", "mailbox-progress", "mailbox-succeeded"] as const).map((label) => (
                  <th key={label} scope="col">
                    {t(label)}
                  </th>
                ))}
                {isTold
                  ? COUNT_HEADS.map((label) => (
                      <th key={label} scope="col" className={styles.number}>
                        {t(label)}
                      </th>
                    ))
                  : null}
                {mayConfigure ? <td /> : null}
              </tr>
            </thead>
            <tbody>
              {shown.map((mailbox) => (
                <Row key={mailbox.address} connector={connector} mailbox={mailbox} isTold={isTold} mayConfigure={mayConfigure} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {pages > 1 ? (
        <div className={styles.pages}>
          <Button size="small" disabledFocusable={first === 0} onClick={() => setPage(first / PAGE_MAILBOXES - 1)}>
            {t("mailboxes-previous")}
          </Button>
          <span role="status">
            {t("mailboxes-range", {
              first: number(first + 1),
              last: number(first + shown.length),
              all: number(found.length),
            })}
          </span>
          <Button
            size="small"
            disabledFocusable={first + PAGE_MAILBOXES >= found.length}
            onClick={() => setPage(first / PAGE_MAILBOXES + 1)}
          >
            {t("mailboxes-next")}
          </Button>
        </div>
      ) : null}
      {states.some(([state]) => state === "not_allowed") ? <p className={settings.note}>{t("mailboxes-not-allowed")}</p> : null}
    </>
  );
}

function Row({ connector, mailbox, isTold, mayConfigure }: Props & { mailbox: Mailbox; isTold: boolean }) {
  const { t } = useL10n();
  const { ago, dateTime } = useFormats();
  const { address, name, succeeded_at, lag_s, counts, has_login } = mailbox;
  return (
    <tr>
      <th scope="row" className={styles.mailbox}>
        <strong>{name}</strong>
        {address}
        {has_login ? <span className={styles.small}>{t("mailbox-own-password")}</span> : null}
      </th>
      <td>
        <State connector={connector} mailbox={mailbox} />
      </td>
      <td className={styles.progress}>
        <Progress isMail={connector.settings.kind !== "caldav"} mailbox={mailbox} />
      </td>
      <td>
        {succeeded_at ? (
          <>
            {ago(lag_s)}
            <span className={styles.small}>{dateTime(succeeded_at)}</span>
          </>
        ) : (
          t("mailbox-never")
        )}
      </td>
      {isTold ? <CountCells counts={counts ?? null} /> : null}
      {mayConfigure ? (
        <td>
          <MailboxActions connector={connector} mailbox={mailbox} />
        </td>
      ) : null}
    </tr>
  );
}

function State({ connector, mailbox }: { connector: Connector; mailbox: Mailbox }) {
  const { t } = useL10n();
  const { dateTime, duration } = useFormats();
  const state = stateOf(mailbox);
  const { label, color, icon: Icon } = STATE_WORDS[state];
  const { failure } = mailbox;
  return (
    <>
      <Badge appearance="tint" color={color} icon={<Icon />}>
        {t(label)}
      </Badge>
      {failure ? (
        <p className={styles.failure}>{t("mailbox-failure", { what: failure.what, at: dateTime(failure.at) })}</p>
      ) : null}
      {state === "failing" && !failure && connector.failure ? (
        <p className={styles.failure}>{t("mailbox-failure-connector")}</p>
      ) : null}
      {state === "failing" ? <span className={styles.small}>{t("mailbox-again", { at: dateTime(mailbox.due_at) })}</span> : null}
      {state === "current" ? (
        <span className={styles.small}>
          {t(mailbox.notified_until == null ? "mailbox-polled" : "mailbox-notified", { every: duration(mailbox.polled_every_s) })}
        </span>
      ) : null}
    </>
  );
}

/** How much of the history is read. Of calendars nothing is counted: they have no share. */
function Progress({ isMail, mailbox }: { isMail: boolean; mailbox: Mailbox }) {
  const { t } = useL10n();
  const { duration, number, percent } = useFormats();
  const { history_share, history_left_s, name, counts } = mailbox;
  if (history_share >= 1) return t("mailbox-history-read");
  const state = stateOf(mailbox);
  if (state === "waiting" || (history_share === 0 && state !== "history")) return t("mailbox-history-none");
  const left = history_left_s == null ? null : t("mailbox-history-left", { left: duration(history_left_s) });
  const speed = counts?.read_per_min;
  return (
    <>
      {isMail ? (
        <>
          <ProgressBar value={history_share} thickness="large" aria-label={t("mailbox-history-of", { name })} />
          {[percent(history_share), left].filter((part) => part !== null).join(" · ")}
        </>
      ) : (
        t("mailbox-history-calendar")
      )}
      {speed == null || state !== "history" ? null : (
        <span className={styles.small}>{t("mailbox-speed", { count: number(speed) })}</span>
      )}
    </>
  );
}

function CountCells({ counts }: { counts: Counts | null }) {
  const { number } = useFormats();
  return (
    <>
      <td className={styles.number}>{number(counts?.read)}</td>
      <td className={styles.number}>{number(counts?.kept)}</td>
      <td className={styles.number}>{number(counts?.duplicates)}</td>
      <td className={styles.number}>{counts && excludedOf(counts) > 0 ? <Reasons counts={counts} /> : number(counts && 0)}</td>
      <td className={styles.number}>{number(counts?.failed)}</td>
    </>
  );
}

/** Why some was not kept, the most frequent reason first. */
function Reasons({ counts }: { counts: Counts }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const reasons = Object.entries(counts.excluded).toSorted(([, a], [, b]) => b - a);
  return (
    <details className={styles.reasons}>
      <summary>{number(excludedOf(counts))}</summary>
      <ul>
        {reasons.map(([reason, count]) => (
          <li key={reason}>{`${number(count)}: ${exclusionText(t, reason, "anybody")}`}</li>
        ))}
      </ul>
    </details>
  );
}
