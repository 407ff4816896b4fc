import { Avatar } from "@fluentui/react-components";
import { Link } from "@tanstack/react-router";
import type { Contacted } from "@/api/insights.ts";
import { KindIcon } from "@/components/KindIcon.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./Figures.module.css";
import type { Side, WidgetProps } from "./props.ts";

/** The three people of one side who are in touch most. */
export function ContactedWidget({ insights, asOf, side }: WidgetProps & { side: Side }) {
  const { t } = useL10n();
  const isTheirs = side === "them";
  const people = isTheirs ? insights?.kpis.most_contacted : insights?.kpis.most_contacted_by;
  return (
    <Widget
      name={isTheirs ? "most-contacted" : "most-contacted-by"}
      title={t(isTheirs ? "widget-contacted" : "widget-contacted-by")}
      info={{
        what: t(isTheirs ? "widget-contacted-what" : "widget-contacted-by-what"),
        how: t("widget-contacted-how"),
        data: t("widget-contacted-data"),
      }}
      asOf={asOf}
      isLoading={!insights}
    >
      {people && people.length > 0 ? (
        <ol className={styles.people}>
          {people.map((person) => (
            <Person key={person.email ?? person.name} person={person} isTheirs={isTheirs} />
          ))}
        </ol>
      ) : (
        <StateBox isSmall title={t("contacted-nobody")} text={t("contacted-nobody-text")} />
      )}
    </Widget>
  );
}

function Person({ person, isTheirs }: { person: Contacted; isTheirs: boolean }) {
  const { number, date } = useFormats();
  const { t } = useL10n();
  const counts = [
    ["email", person.emails],
    ["phone_call", person.phone_calls],
    ["meeting", person.meetings],
  ] as const;
  return (
    <li className={styles.person}>
      <Avatar name={person.name} color="colorful" aria-hidden />
      <span className={styles.name}>
        {isTheirs && person.email ? (
          <Link to="/who-knows" search={{ target: person.email }}>
            {person.name}
          </Link>
        ) : (
          person.name
        )}
        <span className={styles.note} style={{ display: "block" }}>
          {t("contacted-last", { date: date(person.last_at) })}
        </span>
      </span>
      <span className={styles.counts}>
        {counts.map(([kind, count]) => (
          <span key={kind}>
            <KindIcon kind={kind} /> {number(count)}
          </span>
        ))}
      </span>
    </li>
  );
}
