import { Button, Checkbox, Switch } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { meQuery } from "@/api/people.ts";
import { putSetting, settingsQuery } from "@/api/settings.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { usePreferences } from "@/frame/preferences.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { ChangeProblem } from "./ChangeProblem.tsx";
import styles from "./Settings.module.css";

const REGIONS = "geography.regions";
const DECLARED = "geography.accepts_declared";

/** Macro regions of Microsoft 365. */
const MACRO_REGIONS: [string, MessageId][] = [
  ["EUR", "region-eur"],
  ["APC", "region-apc"],
  ["NAM", "region-nam"],
];

interface Policy {
  regions: string[];
  acceptsDeclared: boolean;
}

/** Where mailbox data may be used at all: for whoever configures. */
export function GeographyPolicy() {
  const { viewer } = usePreferences().preferences;
  const mayConfigure = useQuery(meQuery(viewer)).data?.rights.tasks.includes("configure") ?? false;
  return mayConfigure ? <PolicyCard /> : null;
}

function PolicyCard() {
  const settings = useQuery(settingsQuery());
  if (settings.error) return <ProblemState isSmall problem={settings.error} retry={() => void settings.refetch()} />;
  const value = (key: string) => settings.data?.items.find((setting) => setting.key === key)?.value;
  const [regions, declared] = [value(REGIONS), value(DECLARED)];
  if (regions === undefined || declared === undefined) return null;
  const stored = { regions: regions.split(";").filter(Boolean), acceptsDeclared: declared === "true" };
  return <PolicyForm key={`${regions}/${declared}`} stored={stored} />;
}

function PolicyForm({ stored }: { stored: Policy }) {
  const { t } = useL10n();
  const queries = useQueryClient();
  const [policy, setPolicy] = useState(stored);
  const words = policy.regions.toSorted().join(";");
  const hasChanged = words !== stored.regions.toSorted().join(";") || policy.acceptsDeclared !== stored.acceptsDeclared;
  const save = useMutation({
    mutationFn: async () => {
      await putSetting(REGIONS, words);
      await putSetting(DECLARED, String(policy.acceptsDeclared));
    },
    onSettled: () => queries.invalidateQueries(),
  });
  // Whatever somebody set by the command line stays until it is taken out here.
  const others = stored.regions.filter((code) => !MACRO_REGIONS.some(([known]) => known === code));
  const choices: [string, string][] = [
    ...MACRO_REGIONS.map(([code, label]): [string, string] => [code, t(label)]),
    ...others.map((code): [string, string] => [code, code]),
  ];
  const choose = (code: string, isChosen: boolean) =>
    setPolicy({ ...policy, regions: [...policy.regions.filter((known) => known !== code), ...(isChosen ? [code] : [])] });
  return (
    <section aria-labelledby="geography-rule" className={styles.panel}>
      <h2 id="geography-rule">{t("geography-rule")}</h2>
      <p className={styles.note}>{t("geography-rule-text")}</p>
      <form
        className={styles.upload}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <div role="group" aria-label={t("geography-rule-regions")}>
          {choices.map(([code, label]) => (
            <div key={code}>
              <Checkbox
                checked={policy.regions.includes(code)}
                label={label}
                onChange={(_, { checked }) => choose(code, checked === true)}
              />
            </div>
          ))}
        </div>
        <Switch
          checked={policy.acceptsDeclared}
          label={t("geography-rule-declared")}
          onChange={(_, { checked }) => setPolicy({ ...policy, acceptsDeclared: checked })}
        />
        <div className={styles.buttons}>
          <Button type="submit" disabled={!hasChanged || save.isPending}>
            {t("geography-rule-save")}
          </Button>
        </div>
        <ChangeProblem problem={save.error} />
      </form>
    </section>
  );
}
