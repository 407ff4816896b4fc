import { Button, Field, Input, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { meQuery } from "@/api/people.ts";
import { changePassword, endSession, sessionsQuery, signInQuery, type Session } from "@/api/sign-in.ts";
import { NewPassword } from "@/components/NewPassword.tsx";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { usePreferences } from "@/frame/preferences.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import styles from "./Settings.module.css";
import { Tokens } from "./Tokens.tsx";

/** One's own password, browsers and programs. */
export function AccountPage() {
  const { t } = useL10n();
  const me = useQuery(meQuery(usePreferences().preferences.viewer));
  if (me.error) return <ProblemState problem={me.error} retry={() => void me.refetch()} />;
  if (me.data?.is_local_administrator) return <StateBox title={t("account-local")} text={t("account-local-text")} />;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("account-title")}</h1>
      <Password />
      <Sessions />
      <Tokens />
    </div>
  );
}

function Password() {
  const { t } = useL10n();
  const queries = useQueryClient();
  const minimum = useQuery(signInQuery()).data?.password_min_chars ?? 0;
  const [current, setCurrent] = useState("");
  const [changed, setChanged] = useState("");
  const change = useMutation({
    mutationFn: () => changePassword(current, changed),
    onSuccess: () => {
      setCurrent("");
      setChanged("");
      void queries.invalidateQueries({ queryKey: sessionsQuery().queryKey });
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <section aria-labelledby="account-password" className={styles.panel}>
      <h2 id="account-password">{t("account-password")}</h2>
      <form className={styles.upload} onSubmit={submit}>
        <Field label={t("account-password-current")}>
          <Input
            type="password"
            autoComplete="current-password"
            required
            value={current}
            onChange={(_, { value }) => setCurrent(value)}
          />
        </Field>
        <NewPassword value={changed} onChange={setChanged} minimum={minimum} problem={change.error} />
        {change.isSuccess ? (
          <MessageBar intent="success">
            <MessageBarBody>{t("account-password-changed")}</MessageBarBody>
          </MessageBar>
        ) : null}
        <div>
          <Button type="submit" disabled={change.isPending}>
            {t("account-password-change")}
          </Button>
        </div>
      </form>
    </section>
  );
}

function Sessions() {
  const { t } = useL10n();
  const queries = useQueryClient();
  const sessions = useQuery(sessionsQuery());
  const end = useMutation({
    mutationFn: endSession,
    onSettled: () => queries.invalidateQueries({ queryKey: sessionsQuery().queryKey }),
  });
  return (
    <section aria-labelledby="account-sessions" className={styles.panel}>
      <h2 id="account-sessions">{t("account-sessions")}</h2>
      {sessions.error ? <ProblemState isSmall problem={sessions.error} retry={() => void sessions.refetch()} /> : null}
      <ChangeProblem problem={end.error} />
      <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby="account-sessions">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t("account-session-agent")}</th>
              <th scope="col">{t("account-session-by")}</th>
              <th scope="col">{t("account-session-used")}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {sessions.data?.items.map((session) => (
              <SessionRow key={session.id} session={session} onEnd={() => end.mutate(session.id)} isBusy={end.isPending} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function SessionRow({ session, onEnd, isBusy }: { session: Session; onEnd: () => void; isBusy: boolean }) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  return (
    <tr>
      <td className={styles.hash}>{session.agent || t("account-session-unknown")}</td>
      <td>{session.signed_in_by === "password" ? t("account-session-password") : session.signed_in_by}</td>
      <td>{dateTime(session.used_at)}</td>
      <td>
        {session.is_current ? (
          t("account-session-here")
        ) : (
          <Button size="small" onClick={onEnd} disabled={isBusy}>
            {t("account-session-end")}
          </Button>
        )}
      </td>
    </tr>
  );
}
