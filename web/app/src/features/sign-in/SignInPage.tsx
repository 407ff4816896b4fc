import { Button, Field, Input, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { ApiProblem } from "@/api/client.ts";
import { providerAddress, signIn as send, type SignIn } from "@/api/sign-in.ts";
import { CameBack } from "@/components/CameBack.tsx";
import { SignInCard } from "@/components/SignInCard.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./SignIn.module.css";

/** Address and password; afterwards whatever was asked for is shown. */
export default function SignInPage({ signIn }: { signIn: SignIn }) {
  const { t } = useL10n();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const enter = useMutation({
    mutationFn: () => send(email, password),
    // What somebody else was shown in this window is forgotten.
    onSuccess: () => queries.resetQueries(),
    onError: () => setPassword(""),
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <SignInCard title={t("sign-in-title")}>
      {signIn.is_private ? null : (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t("sign-in-not-private")}</MessageBarBody>
        </MessageBar>
      )}
      <CameBack />
      {signIn.providers.map(({ id, name }) => (
        <Button key={id} as="a" appearance="primary" href={providerAddress(id, globalThis.location)}>
          {t("sign-in-with", { name })}
        </Button>
      ))}
      {signIn.has_passwords ? (
        <form className={styles.form} onSubmit={submit}>
          <Field label={t("sign-in-email")}>
            <Input
              type="email"
              name="username"
              autoComplete="username"
              autoFocus={signIn.providers.length === 0}
              required
              value={email}
              onChange={(_, { value }) => setEmail(value)}
            />
          </Field>
          <Field label={t("sign-in-password")}>
            <Input
              type="password"
              name="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(_, { value }) => setPassword(value)}
            />
          </Field>
          <SignInProblem problem={enter.error} />
          <Button type="submit" appearance={signIn.providers.length > 0 ? "secondary" : "primary"} disabled={enter.isPending}>
            {t("sign-in-enter")}
          </Button>
          <p>{t("sign-in-forgotten")}</p>
        </form>
      ) : null}
      {signIn.has_passwords || signIn.providers.length > 0 ? null : <p>{t("sign-in-first")}</p>}
    </SignInCard>
  );
}

const WORDS: Partial<Record<number, MessageId>> = {
  0: "state-unreachable",
  401: "sign-in-wrong",
  429: "sign-in-too-often",
};

function SignInProblem({ problem }: { problem: Error | null }) {
  const { t } = useL10n();
  if (!problem) return null;
  const status = problem instanceof ApiProblem ? problem.status : -1;
  const known = WORDS[status];
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>{known ? t(known) : problem.message}</MessageBarBody>
    </MessageBar>
  );
}
