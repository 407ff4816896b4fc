import { Badge, Button } from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { meQuery } from "@/api/people.ts";
import { answerIntroduction, introductionsQuery, type Introduction, type IntroductionAnswer } from "@/api/who-knows.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { ChangeProblem } from "./ChangeProblem.tsx";
import styles from "./Settings.module.css";

const STATES: Record<string, [MessageId, "informative" | "success" | "danger" | "warning"]> = {
  requested: ["introduction-requested", "warning"],
  accepted: ["introduction-accepted", "success"],
  declined: ["introduction-declined", "danger"],
  introduced: ["introduction-introduced", "success"],
  withdrawn: ["introduction-withdrawn", "informative"],
};

/** Requests to be introduced: those to me, which I answer, and mine. */
export function IntroductionsPage() {
  const { t } = useL10n();
  const me = useQuery(meQuery(null)).data;
  const isSomebody = me !== undefined && !me.is_local_administrator;
  const all = useQuery({ ...introductionsQuery(), enabled: isSomebody });
  if (all.error) return <ProblemState problem={all.error} retry={() => void all.refetch()} />;
  const items = all.data?.items ?? [];
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-introductions")}</h1>
      {me && !isSomebody ? (
        <StateBox
          title={t("introductions-nobody")}
          text={t("introductions-nobody-text")}
          action={<Link to="/who-knows">{t("page-who-knows")}</Link>}
        />
      ) : null}
      {isSomebody ? (
        <>
          <Requests
            title={t("introductions-to-me")}
            none={t("introductions-to-me-none")}
            items={items.filter((one) => one.is_asked_of_me)}
          />
          <Requests
            title={t("introductions-mine")}
            none={t("introductions-mine-none")}
            items={items.filter((one) => !one.is_asked_of_me)}
          />
        </>
      ) : null}
    </div>
  );
}

function Requests({ title, none, items }: { title: string; none: string; items: Introduction[] }) {
  return (
    <section aria-label={title} className={styles.panel}>
      <h2>{title}</h2>
      {items.length === 0 ? <p className={styles.note}>{none}</p> : null}
      <ul className={styles.plain}>
        {items.map((item) => (
          <Request key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}

function Request({ item }: { item: Introduction }) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (answer: IntroductionAnswer) => answerIntroduction(item.id, answer),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["introductions"] });
      void queries.invalidateQueries({ queryKey: ["who-knows"] });
    },
  });
  const [label, color] = STATES[item.state] ?? (["introduction-requested", "informative"] as const);
  const colleague = item.colleague_name ?? t("colleague-unnamed");
  const answers: [IntroductionAnswer, MessageId][] = item.is_asked_of_me
    ? item.state === "requested"
      ? [
          ["accept", "introduction-accept"],
          ["decline", "introduction-decline"],
        ]
      : item.state === "accepted"
        ? [["introduced", "introduction-done"]]
        : []
    : item.state === "requested"
      ? [["withdraw", "introduction-withdraw"]]
      : [];
  return (
    <li className={styles.request}>
      <p>
        <strong>
          {t(item.is_asked_of_me ? "introduction-asks-me" : "introduction-asked", { colleague, target: item.target_name })}
        </strong>{" "}
        <Badge appearance="tint" color={color}>
          {t(label)}
        </Badge>
      </p>
      {item.message === "" ? null : <p className={styles.quote}>{item.message}</p>}
      <p className={styles.note}>
        {dateTime(item.asked_at)}
        {item.colleague ? (
          <>
            {" · "}
            <a href={`mailto:${item.colleague}`}>{item.colleague}</a>
          </>
        ) : null}
      </p>
      <div className={styles.buttons}>
        {answers.map(([answer, text], i) => (
          <Button
            key={answer}
            size="small"
            appearance={i === 0 && item.is_asked_of_me ? "primary" : "secondary"}
            disabled={change.isPending}
            onClick={() => change.mutate(answer)}
          >
            {t(text)}
          </Button>
        ))}
      </div>
      <ChangeProblem problem={change.error} />
    </li>
  );
}
