import { Button, Field, Input } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { checkObjection, objectionsQuery, putObjection } from "@/api/privacy.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { ChangeProblem } from "./ChangeProblem.tsx";
import styles from "./Settings.module.css";

type Command = "check" | "keep" | "lift";

/** People who are not to be captured: how many, and by address whether somebody is one of them. */
export function Objections() {
  const { t } = useL10n();
  const queries = useQueryClient();
  const count = useQuery(objectionsQuery());
  const [address, setAddress] = useState("");
  const ask = useMutation({
    mutationFn: async (command: Command) => {
      const asked = address.trim();
      const answer = command === "check" ? await checkObjection(asked) : await putObjection(asked, command === "keep");
      return { asked, text: resultOf(command, answer) };
    },
    onSettled: (_answer, _problem, command) =>
      command === "check" ? undefined : queries.invalidateQueries({ queryKey: ["objections"] }),
  });
  const isDisabled = address.trim() === "" || ask.isPending;
  return (
    <section aria-labelledby="requests-objections" className={styles.panel}>
      <h2 id="requests-objections">{t("objections-title")}</h2>
      <p className={styles.note}>{t("objections-text")}</p>
      {count.error ? <ProblemState isSmall problem={count.error} retry={() => void count.refetch()} /> : null}
      {count.data ? <p>{t("objections-count", { n: count.data.addresses })}</p> : null}
      <form
        className={styles.upload}
        onSubmit={(event) => {
          event.preventDefault();
          if (!isDisabled) ask.mutate("check");
        }}
      >
        <Field label={t("objections-address")} hint={t("requests-address-hint")}>
          <Input type="email" value={address} onChange={(_, { value }) => setAddress(value)} />
        </Field>
        <div className={styles.buttons}>
          <Button type="submit" disabled={isDisabled}>
            {t("objections-check")}
          </Button>
          <Button disabled={isDisabled} onClick={() => ask.mutate("keep")}>
            {t("objections-keep")}
          </Button>
          <Button disabled={isDisabled} onClick={() => ask.mutate("lift")}>
            {t("objections-lift")}
          </Button>
        </div>
        <div role="status">{ask.data ? t(ask.data.text, { address: ask.data.asked }) : null}</div>
        <ChangeProblem problem={ask.error} />
      </form>
    </section>
  );
}

function resultOf(command: Command, { objects, has_changed }: { objects: boolean; has_changed: boolean }): MessageId {
  if (command === "check") return objects ? "objections-is" : "objections-is-not";
  if (command === "keep") return has_changed ? "objections-kept" : "objections-is";
  return has_changed ? "objections-lifted" : "objections-is-not";
}
