import { Button, Checkbox, SearchBox } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { searchQuery } from "@/api/people.ts";
import { whoKnowsQuery, type Introducer } from "@/api/who-knows.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { ColleagueCard } from "@/components/who-knows/ColleagueCard.tsx";
import { IntroducerList } from "@/components/who-knows/IntroducerList.tsx";
import { MissingReasons } from "@/components/who-knows/MissingReasons.tsx";
import { ModeSwitch, useMode } from "@/components/who-knows/ModeSwitch.tsx";
import { TieGraph } from "@/components/who-knows/TieGraph.tsx";
import { useDebounced } from "@/components/useDebounced.ts";
import { usePreferences } from "@/frame/preferences.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { Paths } from "./Paths.tsx";
import styles from "./WhoKnowsPage.module.css";
import type { WhoKnowsSearch } from "./whoKnowsSearch.ts";

/** More than the widget: whoever searches wants to choose. */
const INTRODUCERS = 20;
/** The graph has room for as many. */
const IN_GRAPH = 8;
const SUGGESTIONS = 8;

interface Props {
  search: WhoKnowsSearch;
  onSearch: (search: WhoKnowsSearch, options?: { replace?: boolean }) => void;
}

/** Who of us knows an address, a person or a company. */
export function WhoKnowsPage({ search, onSearch }: Props) {
  const { t } = useL10n();
  const [wanted, setWanted] = useState("");
  const [typed, setTyped] = useDebounced(wanted, setWanted);
  const suggestions = useQuery(searchQuery(wanted, SUGGESTIONS));
  const found = (suggestions.data?.items ?? []).filter(({ kind }) => kind !== "user" && kind !== "opportunity");
  const ask = (target: string) => {
    setWanted("");
    setTyped("");
    onSearch({ ...search, target });
  };
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-who-knows")}</h1>
      <form
        role="search"
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() !== "") ask(typed.trim());
        }}
      >
        <SearchBox
          className={styles.box}
          aria-label={t("who-knows-search")}
          placeholder={t("who-knows-search")}
          value={typed}
          onChange={(_, data) => setTyped(data.value)}
        />
        <Button type="submit" appearance="primary">
          {t("who-knows-ask")}
        </Button>
        <Checkbox
          label={t("who-knows-hops")}
          checked={search.hops === 2}
          onChange={(_, { checked }) => onSearch({ ...search, hops: checked === true ? 2 : undefined })}
        />
      </form>
      {wanted !== "" && found.length > 0 ? (
        <ul aria-label={t("who-knows-suggestions")} className={styles.suggestions}>
          {found.map((item) => (
            <li key={`${item.kind}/${item.id ?? ""}`}>
              <Button
                appearance="subtle"
                onClick={() => ask(item.kind === "person" ? (item.email ?? "") : `${item.kind}:${item.id ?? ""}`)}
              >
                {item.detail ? `${item.name} · ${item.detail}` : item.name}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      {search.target ? (
        <Answer target={search.target} hops={search.hops ?? 1} onHops={() => onSearch({ ...search, hops: 2 })} />
      ) : (
        <StateBox title={t("who-knows-start")} text={t("who-knows-start-text")} />
      )}
    </div>
  );
}

function Answer({ target, hops, onHops }: { target: string; hops: 1 | 2; onHops: () => void }) {
  const { t } = useL10n();
  const { time } = useFormats();
  const { viewer } = usePreferences().preferences;
  const [mode, setMode] = useMode();
  const [shown, setShown] = useState<Introducer | null>(null);
  const answer = useQuery(whoKnowsQuery({ target, hops, limit: INTRODUCERS, viewer }));
  if (answer.error) return <ProblemState problem={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return null;
  const { introducers, paths, missing, missing_counts: counts, target_name: name, target_kind: kind, as_of: asOf } = answer.data;
  return (
    <section aria-label={t("who-knows-answer", { name })} className={styles.answer}>
      <div className={styles.head}>
        <h2 className={styles.name}>{t(kind === "company" ? "who-knows-company" : "who-knows-person", { name })}</h2>
        {introducers.length > 0 ? <ModeSwitch mode={mode} onMode={setMode} /> : null}
      </div>
      {introducers.length === 0 ? (
        <StateBox
          isSmall
          title={t("who-knows-nobody", { name })}
          text={t("who-knows-nobody-text")}
          action={hops === 1 ? <Button onClick={onHops}>{t("who-knows-paths-link")}</Button> : undefined}
        />
      ) : mode === "graph" ? (
        <TieGraph name={name} introducers={introducers.slice(0, IN_GRAPH)} onOpen={setShown} />
      ) : (
        <IntroducerList introducers={introducers} onOpen={setShown} />
      )}
      {hops === 2 ? <Paths paths={paths} target={name} /> : null}
      <MissingReasons missing={missing} counts={counts} />
      <p className={styles.note}>
        {t("who-knows-as-of", { time: time(asOf) })} {target.startsWith("contact:") ? <RecordLink target={target} /> : null}
      </p>
      {shown ? <ColleagueCard introducer={shown} target={target} targetName={name} onClose={() => setShown(null)} /> : null}
    </section>
  );
}

function RecordLink({ target }: { target: string }) {
  const { t } = useL10n();
  return (
    <Link to="/$table/$id" params={{ table: "contacts", id: target.slice("contact:".length) }} search={{ tab: "analytics" }}>
      {t("who-knows-record")}
    </Link>
  );
}
