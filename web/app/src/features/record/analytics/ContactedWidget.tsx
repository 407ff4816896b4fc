import { Avatar } from "@fluentui/react-components";
import { Link } from "@tanstack/react-router";
import type { Contacted } from "@/api/insights.ts";
import { Figure } from "@/components/Figure.tsx";
import { KindIcon } from "@/components/KindIcon.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./Figures.module.css";
import type { Side, WidgetProps } from "./props.ts";
import { Unavailable } from "./Unavailable.tsx";

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
          {people.map((person, i) => (
            <Person
              key={person.email ?? person.name}
              path={`kpis.${isTheirs ? "most_contacted" : "most_contacted_by"}.${i}`}
              person={person}
              isTheirs={isTheirs}
            />
          ))}
        </ol>
      ) : insights?.unavailable.people ? (
        // Works council mode tells nobody of the past.
        <Unavailable reason={insights.unavailable.people} />
      ) : (
        <StateBox isSmall title={t("contacted-nobody")} text={t("contacted-nobody-text")} />
      )}
    </Widget>
  );
}

function Person({ path, person, isTheirs }: { path: string; person: Contacted; isTheirs: boolean }) {
  const { number, date } = useFormats();
  const { t } = useL10n();
  const counts = [
    ["email", "emails", person.emails],
    ["phone_call", "phone_calls", person.phone_calls],
    ["meeting", "meetings", person.meetings],
  ] as const;
  return (
    <li className={styles.person}>
      <Avatar name={person.name} color="colorful" aria-hidden />
      <span className={styles.name}>
        {isTheirs && person.email ? (
          // An address leads to its contact, or to what is known of a person without one.
          <Link to="/$table/$id" params={{ table: "contacts", id: person.email }} search={({ tab, as_of }) => ({ tab, as_of })}>
            {person.name}
          </Link>
        ) : (
          person.name
        )}
        {person.last_at ? <span className={styles.last}>{t("contacted-last", { date: date(person.last_at) })}</span> : null}
      </span>
      {person.interactions == null ? null : (
        <span className={styles.counts}>
          {counts.map(([kind, name, count]) => (
            <span key={kind}>
              <KindIcon kind={kind} />
              <Figure path={`${path}.${name}`} value={count}>
                {number(count)}
              </Figure>
            </span>
          ))}
        </span>
      )}
    </li>
  );
}
