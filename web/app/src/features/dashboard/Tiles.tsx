import { Badge } from "@fluentui/react-components";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { NamedRelationship, NextInteraction } from "@/api/dashboard.ts";
import type { Point } from "@/api/lists.ts";
import { asTable, type Table } from "@/api/words.ts";
import { HealthBadge } from "@/components/HealthBadge.tsx";
import { KindIcon } from "@/components/KindIcon.tsx";
import { RECORD_LABELS } from "@/components/labels.ts";
import { StateBox } from "@/components/StateBox.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./Tiles.module.css";

const REASONS: Record<string, MessageId> = {
  declining: "risk-declining",
  silent: "risk-silent",
  improving: "warm-improving",
  new: "warm-new",
};

type TileName = "at-risk" | "newly-warm" | "next" | "closing-soon";

const TEXTS: Record<TileName, { title: MessageId; what: MessageId; how: MessageId; empty: MessageId; emptyText: MessageId }> = {
  "at-risk": {
    title: "tile-at-risk",
    what: "tile-at-risk-what",
    how: "tile-at-risk-how",
    empty: "tile-at-risk-empty",
    emptyText: "tile-at-risk-empty-text",
  },
  "newly-warm": {
    title: "tile-warm",
    what: "tile-warm-what",
    how: "tile-warm-how",
    empty: "tile-warm-empty",
    emptyText: "tile-warm-empty-text",
  },
  next: {
    title: "tile-next",
    what: "tile-next-what",
    how: "tile-next-how",
    empty: "tile-next-empty",
    emptyText: "tile-next-empty-text",
  },
  "closing-soon": {
    title: "tile-closing",
    what: "tile-closing-what",
    how: "tile-closing-how",
    empty: "tile-closing-empty",
    emptyText: "tile-closing-empty-text",
  },
};

interface TileProps<Item> {
  items: Item[] | undefined;
  asOf: string | undefined;
}

function Tile({
  name,
  asOf,
  count,
  children,
}: {
  name: TileName;
  asOf: string | undefined;
  count: number | undefined;
  children: ReactNode;
}) {
  const { t } = useL10n();
  const texts = TEXTS[name];
  return (
    <Widget
      name={name}
      title={t(texts.title)}
      info={{ what: t(texts.what), how: t(texts.how), data: t("tile-data") }}
      asOf={asOf}
      isLoading={count === undefined}
    >
      {count === 0 ? (
        <StateBox isSmall title={t(texts.empty)} text={t(texts.emptyText)} />
      ) : (
        <ul className={styles.rows}>{children}</ul>
      )}
    </Widget>
  );
}

function RecordLink({ table, id, name, tab }: { table: string; id: string; name: string; tab?: "analytics" }) {
  const known: Table = asTable(table) ?? "contacts";
  return (
    <Link to="/$table/$id" params={{ table: known, id }} search={tab ? { tab } : {}} className={styles.name}>
      {name}
    </Link>
  );
}

/** Relationships that are named for a reason: at risk, or newly warm. */
export function Relationships({ name, items, asOf }: TileProps<NamedRelationship> & { name: "at-risk" | "newly-warm" }) {
  const { t } = useL10n();
  const { relative, percent } = useFormats();
  return (
    <Tile name={name} asOf={asOf} count={items?.length}>
      {items?.map((item) => (
        // A row whose figures changed is a new row: it lights up once.
        <li key={`${item.table}/${item.id}/${item.health_score ?? ""}/${item.last_at ?? ""}`} className={styles.row}>
          <div className={styles.text}>
            <RecordLink table={item.table} id={item.id} name={item.name} tab="analytics" />
            <span className={styles.note}>
              {[t(RECORD_LABELS[asTable(item.table) ?? "contacts"]), item.account].filter(Boolean).join(" · ")}
            </span>
            <span>
              {item.reasons.map((reason) => (
                <Badge key={reason} appearance="tint" color={name === "at-risk" ? "danger" : "success"} className={styles.reason}>
                  {t(REASONS[reason] ?? "warm-new")}
                </Badge>
              ))}
            </span>
          </div>
          <div className={styles.side}>
            <HealthBadge state={item.health_state} score={item.health_score} />
            <span className={styles.note}>{asOf ? t("tile-last", { when: relative(item.last_at, asOf) }) : ""}</span>
            {item.likelihood_30d == null ? null : (
              <span className={styles.note}>{t("tile-likelihood", { share: percent(item.likelihood_30d) })}</span>
            )}
          </div>
        </li>
      ))}
    </Tile>
  );
}

/** What is planned, soonest first. */
export function NextInteractions({ items, asOf }: TileProps<NextInteraction>) {
  const { dateTime } = useFormats();
  return (
    <Tile name="next" asOf={asOf} count={items?.length}>
      {items?.map((item) => (
        <li key={`${item.table}/${item.id}`} className={styles.row}>
          <div className={styles.text}>
            <RecordLink table={item.table} id={item.id} name={item.name} />
            <span className={styles.note}>{item.account}</span>
          </div>
          <div className={styles.side}>
            <span>
              <KindIcon kind={item.kind ?? "meeting"} /> {dateTime(item.at)}
            </span>
          </div>
        </li>
      ))}
    </Tile>
  );
}

/** The lower left corner of the pipeline: large deals that close soon in health that is not good. */
export function ClosingSoon({ items, asOf }: TileProps<Point>) {
  const { t } = useL10n();
  const { money } = useFormats();
  return (
    <Tile name="closing-soon" asOf={asOf} count={items?.length}>
      {items?.map((item) => (
        <li key={item.id} className={styles.row}>
          <div className={styles.text}>
            <RecordLink table="opportunities" id={item.id} name={item.name} tab="analytics" />
            <span className={styles.note}>{item.account}</span>
          </div>
          <div className={styles.side}>
            <strong>{money(item.estimated_revenue, item.currency)}</strong>
            <HealthBadge state={item.health_state} score={item.health_score} />
            <span className={styles.note}>{t("tile-closes", { days: item.days_until_close })}</span>
          </div>
        </li>
      ))}
    </Tile>
  );
}
