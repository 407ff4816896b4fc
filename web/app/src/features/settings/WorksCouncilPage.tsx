import { Button, Checkbox, Field, MessageBar, MessageBarBody, MessageBarTitle, Select } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { meQuery, usersQuery } from "@/api/people.ts";
import { postWorksCouncil, worksCouncilQuery, type WorksCouncil } from "@/api/works-council.ts";
import { GuideLink } from "@/components/GuideLink.tsx";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { Loading } from "./Loading.tsx";
import styles from "./Settings.module.css";

const EFFECTS: MessageId[] = [
  "council-effect-figures",
  "council-effect-five",
  "council-effect-introducers",
  "council-effect-lists",
  "council-effect-timeline",
];

/** Works council mode: what it does, whether it is on, and who must agree before it is off. */
export function WorksCouncilPage() {
  const { t } = useL10n();
  const answer = useQuery(worksCouncilQuery());
  if (answer.error) return <ProblemState problem={answer.error} retry={() => void answer.refetch()} />;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-works-council")}</h1>
      <GuideLink guide="works-council" />
      {answer.data ? <State mode={answer.data} /> : <Loading />}
      <section aria-labelledby="council-effects" className={styles.panel}>
        <h2 id="council-effects">{t("council-effects")}</h2>
        <ul>
          {EFFECTS.map((effect) => (
            <li key={effect}>{t(effect)}</li>
          ))}
        </ul>
        <p className={styles.note}>
          {t("council-purpose")} <Link to="/privacy">{t("page-privacy")}</Link>
        </p>
      </section>
    </div>
  );
}

function State({ mode }: { mode: WorksCouncil }) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  const me = useQuery(meQuery(null)).data;
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: postWorksCouncil,
    onSuccess: (now) => {
      queries.setQueryData(worksCouncilQuery().queryKey, now);
      // Every figure may be told, or not.
      void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "works-council" });
    },
  });
  const isKeeper = me?.rights.tasks.includes("privacy") ?? false;
  const council = mode.council_name ?? mode.council ?? "";
  return (
    <section aria-labelledby="council-state" className={styles.panel}>
      <h2 id="council-state">{t("council-state")}</h2>
      <MessageBar intent={mode.is_on ? "success" : "info"} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{t(mode.is_on ? "council-on" : "council-off")}</MessageBarTitle>
          {mode.is_on ? t("council-on-since", { since: dateTime(mode.since), council }) : t("council-off-text")}
        </MessageBarBody>
      </MessageBar>
      {mode.off_asked_by ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            {t("council-off-asked", { by: mode.off_asked_by, at: dateTime(mode.off_asked_at), council })}
          </MessageBarBody>
        </MessageBar>
      ) : null}
      {mode.is_council && mode.off_asked_by ? (
        <div className={styles.buttons}>
          <Button appearance="primary" disabled={change.isPending} onClick={() => change.mutate({ action: "keep_on" })}>
            {t("council-keep-on")}
          </Button>
          <Button disabled={change.isPending} onClick={() => change.mutate({ action: "agree_off" })}>
            {t("council-agree-off")}
          </Button>
        </div>
      ) : null}
      {isKeeper && !mode.is_on ? (
        <TurnOn isPending={change.isPending} onTurnOn={(council) => change.mutate({ action: "turn_on", council })} />
      ) : null}
      {isKeeper && mode.is_on && !mode.is_council && !mode.off_asked_by ? (
        <div className={styles.buttons}>
          <Button disabled={change.isPending} onClick={() => change.mutate({ action: "ask_off" })}>
            {t("council-ask-off")}
          </Button>
        </div>
      ) : null}
      {isKeeper ? null : <p className={styles.note}>{t("council-who")}</p>}
      <ChangeProblem problem={change.error} />
    </section>
  );
}

function TurnOn({ isPending, onTurnOn }: { isPending: boolean; onTurnOn: (council: string) => void }) {
  const { t } = useL10n();
  const users = useQuery(usersQuery());
  const [council, setCouncil] = useState("");
  const [isSure, setSure] = useState(false);
  if (users.error) return <ProblemState isSmall problem={users.error} retry={() => void users.refetch()} />;
  return (
    <form
      className={styles.upload}
      onSubmit={(event) => {
        event.preventDefault();
        onTurnOn(council);
      }}
    >
      <Field required label={t("council-account")} hint={t("council-account-hint")}>
        <Select value={council} onChange={(_, { value }) => setCouncil(value)}>
          <option value="">{t("council-choose")}</option>
          {users.data?.items
            .filter((user) => user.is_active)
            .map((user) => (
              <option key={user.email} value={user.email}>{`${user.name} <${user.email}>`}</option>
            ))}
        </Select>
      </Field>
      <Checkbox checked={isSure} label={t("council-sure")} onChange={(_, { checked }) => setSure(checked === true)} />
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" disabled={council === "" || !isSure || isPending}>
          {t("council-turn-on")}
        </Button>
      </div>
    </form>
  );
}
