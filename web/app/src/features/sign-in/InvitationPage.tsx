import { Button, Field, Input, Spinner } from "@fluentui/react-components";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { choosePassword, invitationQuery, signInQuery } from "@/api/sign-in.ts";
import { ApiProblem } from "@/api/client.ts";
import { NewPassword } from "@/components/NewPassword.tsx";
import { ProblemState } from "@/components/ProblemState.tsx";
import { SignInCard } from "@/components/SignInCard.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";

import styles from "./SignIn.module.css";

/** Where a link leads: somebody chooses a password, once; the first administrator also says who they are. */
export default function InvitationPage({ token }: { token: string }) {
  const { t } = useL10n();
  const invitation = useQuery(invitationQuery(token));
  const minimum = useQuery(signInQuery()).data?.password_min_chars ?? 0;
  if (invitation.error instanceof ApiProblem && invitation.error.status === 403) {
    return (
      <SignInCard title={t("invitation-over")}>
        <p>{t("invitation-over-text")}</p>
        <p>
          <a href="/">{t("sign-in-title")}</a>
        </p>
      </SignInCard>
    );
  }
  if (invitation.error) return <ProblemState problem={invitation.error} retry={() => void invitation.refetch()} />;
  if (!invitation.data) return <Spinner style={{ height: "100%" }} />;
  return <Choose token={token} email={invitation.data.email ?? null} minimum={minimum} />;
}

function Choose({ token, email: invited, minimum }: { token: string; email: string | null; minimum: number }) {
  const { t } = useL10n();
  const [email, setEmail] = useState(invited ?? "");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const choose = useMutation({
    mutationFn: () => choosePassword({ token, password, ...(invited === null ? { email, name } : {}) }),
    // A whole new page: the secret leaves the address, and nothing of before is remembered.
    onSuccess: () => globalThis.location.replace("/"),
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    choose.mutate();
  };
  return (
    <SignInCard title={t(invited === null ? "invitation-first" : "invitation-title")}>
      <p>{t(invited === null ? "invitation-first-text" : "invitation-text", { email })}</p>
      <form className={styles.form} onSubmit={submit}>
        {invited === null ? (
          <>
            <Field label={t("invitation-name")}>
              <Input autoComplete="name" autoFocus required value={name} onChange={(_, { value }) => setName(value)} />
            </Field>
            <Field label={t("sign-in-email")} hint={t("invitation-email-hint")}>
              <Input type="email" autoComplete="username" required value={email} onChange={(_, { value }) => setEmail(value)} />
            </Field>
          </>
        ) : (
          // Password managers want to know whose password it is.
          <input type="hidden" name="username" autoComplete="username" value={email} />
        )}
        <NewPassword value={password} onChange={setPassword} minimum={minimum} problem={choose.error} />
        <Button type="submit" appearance="primary" disabled={choose.isPending}>
          {t("invitation-choose")}
        </Button>
      </form>
    </SignInCard>
  );
}
