import { Button, Checkbox, Link, MessageBar, MessageBarBody, MessageBarTitle, Switch } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { myDataFile, myDataQuery, putAskFirst, putOptOut, type MyData as Held } from "@/api/my-data.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { Loading } from "./Loading.tsx";
import styles from "./Settings.module.css";

const REASONS: Record<string, MessageId> = {
  opted_out: "my-data-opted-out",
  role: "my-data-role",
  group: "my-data-group",
  mailbox_data_off: "my-data-mailbox-off",
  consent_missing: "my-data-consent",
};

/** What is held on whoever looks, and their opt-out. */
export function MyData({ viewer }: { viewer: string }) {
  const { t } = useL10n();
  const held = useQuery(myDataQuery(viewer));
  if (held.error) return <ProblemState problem={held.error} retry={() => void held.refetch()} />;
  return (
    <section aria-labelledby="my-data" className={styles.panel}>
      <h2 id="my-data">{t("my-data-title")}</h2>
      {held.data ? (
        <>
          <Counts held={held.data} viewer={viewer} />
          <AskFirst held={held.data} viewer={viewer} />
          <OptOut held={held.data} viewer={viewer} />
        </>
      ) : (
        <Loading />
      )}
    </section>
  );
}

function Counts({ held, viewer }: { held: Held; viewer: string }) {
  const { t } = useL10n();
  const { number, date, dateTime } = useFormats();
  const reason = REASONS[held.reason ?? ""];
  return (
    <>
      <MessageBar intent={held.is_mailbox_used ? "info" : "success"} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{t(held.is_mailbox_used ? "my-data-used" : "my-data-not-used")}</MessageBarTitle>
          {reason ? t(reason) : ""}
          {held.notice
            ? t("my-data-notice", { given: dateTime(held.notice.given_at), from: dateTime(held.notice.capture_from) })
            : ""}
        </MessageBarBody>
      </MessageBar>
      <p>
        {t("my-data-counts", { mailbox: number(held.in_mailbox), all: number(held.took_part) })}{" "}
        {held.oldest_at ? t("my-data-oldest", { date: date(held.oldest_at) }) : ""}
      </p>
      <p>
        <ArrowDownloadRegular aria-hidden />{" "}
        <Link inline href={myDataFile(viewer)} download="my-data.json">
          {t("my-data-export")}
        </Link>
      </p>
    </>
  );
}

function AskFirst({ held, viewer }: { held: Held; viewer: string }) {
  const { t } = useL10n();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (asksFirst: boolean) => putAskFirst(viewer, asksFirst),
    onSuccess: (now) => {
      const { queryKey } = myDataQuery(viewer);
      queries.setQueryData(queryKey, now);
      void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== queryKey[0] });
    },
  });
  return (
    <>
      <h3>{t("my-data-ask-first")}</h3>
      <Switch
        checked={held.asks_first}
        disabled={change.isPending}
        label={t("my-data-ask-first-label")}
        onChange={(_, { checked }) => change.mutate(checked)}
      />
      <p className={styles.note}>{t("my-data-ask-first-text")}</p>
      <ChangeProblem problem={change.error} />
    </>
  );
}

function OptOut({ held, viewer }: { held: Held; viewer: string }) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  const queries = useQueryClient();
  const [isSure, setSure] = useState(false);
  const change = useMutation({
    mutationFn: (isOut: boolean) => putOptOut(viewer, isOut),
    onSuccess: (now) => {
      setSure(false);
      const { queryKey } = myDataQuery(viewer);
      queries.setQueryData(queryKey, now);
      void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== queryKey[0] });
    },
  });
  return (
    <>
      <h3>{t("my-data-opt-out")}</h3>
      {held.opted_out_at == null ? (
        <>
          <p>{t("my-data-opt-out-text")}</p>
          <Checkbox checked={isSure} label={t("my-data-opt-out-sure")} onChange={(_, { checked }) => setSure(checked === true)} />
          <p>
            <Button disabled={!isSure || change.isPending} onClick={() => change.mutate(true)}>
              {t("my-data-opt-out")}
            </Button>
          </p>
        </>
      ) : (
        <>
          <p>{t("my-data-is-out", { since: dateTime(held.opted_out_at) })}</p>
          <Button disabled={change.isPending} onClick={() => change.mutate(false)}>
            {t("my-data-opt-in")}
          </Button>
        </>
      )}
      <ChangeProblem problem={change.error} />
    </>
  );
}
