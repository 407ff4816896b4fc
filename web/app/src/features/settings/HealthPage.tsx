import { Button, Checkbox, Field, Radio, RadioGroup, Slider, Switch } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { meQuery } from "@/api/people.ts";
import { distributionQuery, putSetting, settingsQuery } from "@/api/settings.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { DataInUse } from "./DataInUse.tsx";
import { GradePreview } from "./GradePreview.tsx";
import { moved, type Grading } from "./grading.ts";
import { Loading } from "./Loading.tsx";
import styles from "./Settings.module.css";
import { useMay } from "./useMay.ts";
import { WhoMay } from "./WhoMay.tsx";

const INFLUENCES: [string, MessageId][] = [
  ["health.influence.email", "health-influence-email"],
  ["health.influence.meeting", "health-influence-meeting"],
  ["health.influence.phone_call", "health-influence-phone-call"],
  ["health.influence.task", "health-influence-task"],
];

/** What the ends and the middle of a slider mean. */
const INFLUENCE_MARKS: MessageId[] = ["health-influence-low", "health-influence-neutral", "health-influence-high"];

const FREQUENCIES: [string, MessageId][] = [
  ["1", "value-daily"],
  ["3", "value-every-few-days"],
  ["7", "value-weekly"],
  ["14", "value-fortnightly"],
  ["30", "value-monthly"],
];

const MODELS: [string, MessageId][] = [
  ["v2", "health-model-v2"],
  ["v1", "health-model-v1"],
];

/** What makes a relationship healthy here; what a grading would change is seen before it is saved. */
export function HealthPage() {
  const { t } = useL10n();
  const settings = useQuery(settingsQuery());
  const isWaiting = useMay()() === null;
  if (settings.error) return <ProblemState problem={settings.error} retry={() => void settings.refetch()} />;
  const stored = Object.fromEntries((settings.data?.items ?? []).map(({ key, value }) => [key, value]));
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-health")}</h1>
      <Sources />
      {settings.data && !isWaiting ? <Form stored={stored} /> : <Loading />}
    </div>
  );
}

function Sources() {
  const { t } = useL10n();
  const me = useQuery(meQuery(null));
  const hasMailboxes = me.data?.data === "crm_and_mailbox";
  return (
    <section aria-labelledby="health-sources" className={styles.panel}>
      <h2 id="health-sources">{t("health-sources")}</h2>
      <Checkbox checked disabled label={t("health-source-crm")} />
      <Checkbox checked={hasMailboxes} disabled label={t("health-source-mailbox")} />
      <DataInUse />
    </section>
  );
}

function Form({ stored }: { stored: Record<string, string> }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Record<string, string>>({});
  const isReadOnly = useMay()("configure", "customize") !== true;
  const distribution = useQuery({ ...distributionQuery(), enabled: !isReadOnly });
  const valueOf = (key: string) => draft[key] ?? stored[key] ?? "";
  const set = (changed: Record<string, string>) => setDraft({ ...draft, ...changed });
  const changes = Object.entries(draft).filter(([key, value]) => stored[key] !== value);
  const save = useMutation({
    mutationFn: async () => {
      // The server keeps fair below good at every step: whatever moves away from the other goes first.
      const isUp = Number(valueOf("health.grade.good")) > Number(stored["health.grade.good"]);
      const order = isUp ? ["health.grade.good", "health.grade.fair"] : ["health.grade.fair", "health.grade.good"];
      for (const [key, value] of changes.toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b)))
        await putSetting(key, value);
    },
    onSuccess: () => setDraft({}),
    // Every figure depends on settings; what was saved before a problem is saved.
    onSettled: () => queries.invalidateQueries(),
  });
  const grading: Grading = { good: Number(valueOf("health.grade.good")), fair: Number(valueOf("health.grade.fair")) };
  const grade = (name: keyof Grading, value: number) => {
    const { good, fair } = moved(grading, name, value);
    set({ "health.grade.good": String(good), "health.grade.fair": String(fair) });
  };
  const spread = distribution.data;
  const marks = (
    <span className={styles.marks}>
      {INFLUENCE_MARKS.map((mark) => (
        <span key={mark}>{t(mark)}</span>
      ))}
    </span>
  );
  const canCompare = spread !== undefined && spread.won >= spread.closed_needed && spread.lost >= spread.closed_needed;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <section aria-labelledby="health-show" className={styles.panel}>
        <h2 id="health-show">{t("widget-health")}</h2>
        <Switch
          checked={valueOf("health.show") !== "false"}
          disabled={isReadOnly}
          label={t("health-show")}
          onChange={(_, { checked }) => set({ "health.show": String(checked) })}
        />
        <p className={styles.note}>{t("health-show-text")}</p>
      </section>
      <section aria-labelledby="health-frequency" className={styles.panel}>
        <h2 id="health-frequency">{t("health-frequency")}</h2>
        <RadioGroup
          aria-labelledby="health-frequency"
          disabled={isReadOnly}
          value={valueOf("health.frequency_days")}
          onChange={(_, { value }) => set({ "health.frequency_days": value })}
        >
          {FREQUENCIES.map(([value, label]) => (
            <Radio key={value} value={value} label={t(label)} />
          ))}
        </RadioGroup>
      </section>
      <section aria-labelledby="health-model" className={styles.panel}>
        <h2 id="health-model">{t("health-model")}</h2>
        <p className={styles.note}>{t("health-model-text")}</p>
        <RadioGroup
          aria-labelledby="health-model"
          disabled={isReadOnly}
          value={valueOf("health.model")}
          onChange={(_, { value }) => set({ "health.model": value })}
        >
          {MODELS.map(([value, label]) => (
            <Radio key={value} value={value} label={t(label)} />
          ))}
        </RadioGroup>
      </section>
      <section aria-labelledby="health-influence" className={styles.panel}>
        <h2 id="health-influence">{t("health-influence")}</h2>
        <p className={styles.note}>{t("health-influence-text")}</p>
        {INFLUENCES.map(([key, label]) => (
          <Field key={key} label={`${t(label)}: ${number(Number(valueOf(key)))} %`} hint={marks} className={styles.setting}>
            <Slider
              min={-50}
              max={50}
              step={5}
              disabled={isReadOnly}
              value={Number(valueOf(key))}
              onChange={(_, { value }) => set({ [key]: String(value) })}
            />
          </Field>
        ))}
      </section>
      <section aria-labelledby="health-grading" className={styles.panel}>
        <h2 id="health-grading">{t("health-grading")}</h2>
        <Field label={t("health-good-from", { score: number(grading.good) })} className={styles.setting}>
          <Slider
            min={2}
            max={100}
            disabled={isReadOnly}
            value={grading.good}
            onChange={(_, { value }) => grade("good", value)}
          />
        </Field>
        <Field label={t("health-fair-from", { score: number(grading.fair) })} className={styles.setting}>
          <Slider min={1} max={99} disabled={isReadOnly} value={grading.fair} onChange={(_, { value }) => grade("fair", value)} />
        </Field>
        {isReadOnly ? null : (
          <p className={styles.note}>
            {t("health-evaluation")} <Link to="/settings/evaluation">{t("page-evaluation")}</Link>
          </p>
        )}
        {spread ? <GradePreview distribution={spread} grading={grading} /> : null}
        {distribution.error ? (
          <ProblemState isSmall problem={distribution.error} retry={() => void distribution.refetch()} />
        ) : null}
      </section>
      <section aria-labelledby="health-similar" className={styles.panel}>
        <h2 id="health-similar">{t("health-similar")}</h2>
        <Switch
          checked={valueOf("similar_deals.enabled") === "true"}
          disabled={isReadOnly}
          label={t("health-similar-show")}
          onChange={(_, { checked }) => set({ "similar_deals.enabled": String(checked) })}
        />
        {spread ? (
          <p className={styles.note}>
            {t(canCompare ? "health-similar-enough" : "health-similar-too-few", {
              won: number(spread.won),
              lost: number(spread.lost),
              needed: number(spread.closed_needed),
            })}
          </p>
        ) : null}
      </section>
      <ChangeProblem problem={save.error} />
      <WhoMay what="customize" />
      {isReadOnly ? null : (
        <div className={styles.actions}>
          <Button type="submit" appearance="primary" disabled={changes.length === 0 || save.isPending}>
            {t("action-save")}
          </Button>
          <Button disabled={changes.length === 0} onClick={() => setDraft({})}>
            {t("health-discard")}
          </Button>
          <span role="status" className={styles.note}>
            {changes.length > 0 ? t("health-changed", { count: changes.length }) : save.isSuccess ? t("health-saved") : ""}
          </span>
        </div>
      )}
    </form>
  );
}
