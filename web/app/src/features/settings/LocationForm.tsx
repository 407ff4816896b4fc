import { Button, Field, Input } from "@fluentui/react-components";
import { useState } from "react";
import { putLocation, type Enabling } from "@/api/enabling.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { ChangeProblem } from "./ChangeProblem.tsx";
import styles from "./Settings.module.css";
import { useEnablingChange } from "./useEnabling.ts";
import { useMay } from "./useMay.ts";
import { WhoMay } from "./WhoMay.tsx";

const STATES: Record<string, MessageId> = {
  eligible: "geography-eligible",
  local_geography: "geography-local",
  not_listed: "geography-not-listed",
  unknown: "geography-unknown",
};

/** Where the mailbox data lies: it decides whether it may be used, whatever the company's country. */
export function LocationForm({ enabling }: { enabling: Enabling }) {
  const { t } = useL10n();
  const { list } = useFormats();
  const { geography } = enabling;
  const isSaid = geography.source === "microsoft_365";
  const [place, setPlace] = useState(geography.location ?? "");
  const save = useEnablingChange(putLocation);
  const mayDeclare = useMay()("configure") === true;
  return (
    <section aria-labelledby="geography" className={styles.panel}>
      <h2 id="geography">{t("geography")}</h2>
      <p>{t(STATES[geography.state] ?? "geography-unknown")}</p>
      <p className={styles.note}>
        {t(geography.accepts_declared ? "geography-policy-declared" : "geography-policy", { regions: list(geography.regions) })}
      </p>
      {isSaid ? <p>{t("geography-microsoft", { code: geography.location ?? "" })}</p> : null}
      {!isSaid && !mayDeclare && geography.location ? <p>{t("geography-declared", { place: geography.location })}</p> : null}
      {isSaid || !mayDeclare ? (
        <WhoMay what="configure" />
      ) : (
        <form
          className={styles.proof}
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate(place);
          }}
        >
          <Field label={t("geography-declare")} hint={t("geography-declare-hint")}>
            <Input value={place} maxLength={2000} onChange={(_, { value }) => setPlace(value)} />
          </Field>
          <Button type="submit" disabled={save.isPending || place.trim() === "" || place.trim() === geography.location}>
            {t("geography-declare-save")}
          </Button>
        </form>
      )}
      <ChangeProblem problem={save.error} />
    </section>
  );
}
