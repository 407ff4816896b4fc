import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { meQuery } from "@/api/people.ts";
import { whoKnowsQuery, type Introducer } from "@/api/who-knows.ts";
import { StateBox } from "@/components/StateBox.tsx";
import { Widget } from "@/components/Widget.tsx";
import { usePreferences } from "@/frame/preferences.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { ColleagueCard } from "./ColleagueCard.tsx";
import { IntroducerList } from "./IntroducerList.tsx";
import { MissingReasons } from "./MissingReasons.tsx";
import { ModeSwitch, useMode } from "./ModeSwitch.tsx";
import { TieGraph } from "./TieGraph.tsx";

/** Until the organization's number is known (04). */
const INTRODUCERS = 5;

interface Props {
  target: string;
  targetName: string;
  asOf?: string;
}

/** Who of us knows this person: a graph or a list, and a card of each colleague. */
export function WhoKnowsWidget({ target, targetName, asOf }: Props) {
  const { t } = useL10n();
  const [mode, setMode] = useMode();
  const [shown, setShown] = useState<Introducer | null>(null);
  const { viewer } = usePreferences().preferences;
  const me = useQuery(meQuery(viewer)).data;
  const limit = me?.introducers ?? INTRODUCERS;
  // Works council mode tells no past: grades of then would date when a colleague was in touch.
  const isPastUntold = asOf !== undefined && me?.works_council === true;
  const answer = useQuery(whoKnowsQuery({ target: isPastUntold ? "" : target, hops: 1, limit, asOf, viewer }));
  const introducers = answer.data?.introducers ?? [];
  const frame = {
    name: "who-knows",
    title: t("widget-who-knows"),
    info: { what: t("widget-who-knows-what"), how: t("widget-who-knows-how"), data: t("widget-who-knows-data") },
  };
  if (isPastUntold) {
    return (
      <Widget {...frame}>
        <StateBox isSmall title={t("who-knows-past")} text={t("who-knows-past-text")} />
      </Widget>
    );
  }
  return (
    <Widget
      {...frame}
      asOf={answer.data?.as_of}
      actions={introducers.length > 0 ? <ModeSwitch mode={mode} onMode={setMode} /> : undefined}
      isLoading={answer.isPending}
      problem={answer.error}
      retry={() => void answer.refetch()}
    >
      {introducers.length === 0 ? (
        <StateBox
          isSmall
          title={t("who-knows-nobody", { name: targetName })}
          text={t("who-knows-nobody-text")}
          action={
            <Link to="/who-knows" search={{ target, hops: 2 }}>
              {t("who-knows-paths-link")}
            </Link>
          }
        />
      ) : mode === "graph" ? (
        <TieGraph name={targetName} introducers={introducers} onOpen={setShown} />
      ) : (
        <IntroducerList introducers={introducers} onOpen={setShown} />
      )}
      {answer.data ? <MissingReasons missing={answer.data.missing} counts={answer.data.missing_counts} /> : null}
      {shown ? <ColleagueCard introducer={shown} target={target} targetName={targetName} onClose={() => setShown(null)} /> : null}
    </Widget>
  );
}
