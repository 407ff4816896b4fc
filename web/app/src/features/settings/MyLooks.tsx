import { Button, Field, Textarea } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { myLooksQuery, privateContactsQuery, putPrivateContacts } from "@/api/privacy.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { Looks } from "./Looks.tsx";
import styles from "./Settings.module.css";

/** Who looked at me. */
export function MyLooks({ viewer }: { viewer: string }) {
  const { t } = useL10n();
  const looks = useQuery(myLooksQuery(viewer));
  return (
    <section aria-labelledby="my-looks" className={styles.panel}>
      <h2 id="my-looks">{t("my-looks-title")}</h2>
      <p>{t("my-looks-text")}</p>
      {looks.error ? <ProblemState isSmall problem={looks.error} retry={() => void looks.refetch()} /> : null}
      {looks.data ? <Looks looks={looks.data.items} withAbout={false} /> : null}
    </section>
  );
}

/** People whom I keep to myself. */
export function PrivateContacts({ viewer }: { viewer: string }) {
  const { t } = useL10n();
  const kept = useQuery(privateContactsQuery(viewer));
  const queries = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const change = useMutation({
    mutationFn: (text: string) =>
      putPrivateContacts(
        viewer,
        text.split(/[\s,;]+/).filter((contact) => contact !== ""),
      ),
    onSuccess: (now) => {
      setTyped(null);
      const { queryKey } = privateContactsQuery(viewer);
      queries.setQueryData(queryKey, now);
      void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== queryKey[0] });
    },
  });
  const text = typed ?? kept.data?.contacts.join("\n") ?? "";
  return (
    <section aria-labelledby="private-contacts" className={styles.panel}>
      <h2 id="private-contacts">{t("private-contacts-title")}</h2>
      <p>{t("private-contacts-text")}</p>
      {kept.error ? <ProblemState isSmall problem={kept.error} retry={() => void kept.refetch()} /> : null}
      <form
        className={styles.upload}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(text);
        }}
      >
        <Field label={t("private-contacts-label")} hint={t("private-contacts-hint")}>
          <Textarea value={text} rows={4} onChange={(_, { value }) => setTyped(value)} />
        </Field>
        <div className={styles.buttons}>
          <Button type="submit" disabled={typed === null || change.isPending}>
            {t("action-save")}
          </Button>
        </div>
        <ChangeProblem problem={change.error} />
      </form>
    </section>
  );
}
