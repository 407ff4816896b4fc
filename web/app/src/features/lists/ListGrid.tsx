import { mergeClasses } from "@fluentui/react-components";
import { ArrowSortDownRegular, ArrowSortUpRegular } from "@fluentui/react-icons";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import type { ListItem } from "@/api/lists.ts";
import type { Table } from "@/api/words.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { Cell } from "./Cell.tsx";
import { sortName, type ListColumn } from "./columns.ts";
import styles from "./ListGrid.module.css";
import type { ListRows } from "./useListRows.ts";

const ROW_PX = 42;
/** Rows beyond the edge of what is seen. */
const OVERSCAN = 12;
/** Rows that PageUp and PageDown move by. */
const PAGE = 12;

interface Props {
  table: Table;
  label: string;
  columns: ListColumn[];
  rows: ListRows;
  sort: string;
  isDescending: boolean;
  onSort: (name: string) => void;
  /** Tells which rows are looked at, so that their blocks are loaded. */
  onRange: (first: number, last: number) => void;
}

/** The rows of a list, however many: only those that are looked at exist. */
export function ListGrid({ table, label, columns, rows, sort, isDescending, onSort, onRange }: Props) {
  const { t } = useL10n();
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(0);
  const virtualizer = useVirtualizer({
    count: rows.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const items = virtualizer.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => onRange(first, last), [first, last, onRange]);

  const focusRow = (index: number) => {
    const next = Math.max(0, Math.min(rows.total - 1, index));
    setFocused(next);
    virtualizer.scrollToIndex(next);
    // The row exists only after the scroll was painted.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${next}"] a`)?.focus()),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowDown: focused + 1,
      ArrowUp: focused - 1,
      Home: 0,
      End: rows.total - 1,
      PageDown: focused + PAGE,
      PageUp: focused - PAGE,
    };
    const target = moves[event.key];
    if (target === undefined || !(event.target as HTMLElement).closest("[data-row]")) return;
    event.preventDefault();
    focusRow(target);
  };
  const template = columns.map((column) => `minmax(${column.width}px, ${column.name === "name" ? "2fr" : "1fr"})`).join(" ");
  return (
    <div ref={scroller} className={styles.scroller}>
      <div
        role="grid"
        aria-label={label}
        aria-rowcount={rows.total + 1}
        aria-colcount={columns.length}
        onKeyDown={onKeyDown}
        className={styles.grid}
        style={{ minWidth: columns.reduce((sum, column) => sum + column.width, 0) }}
      >
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={styles.row} style={{ gridTemplateColumns: template }}>
            {columns.map((column) => {
              const isSorted = sort === sortName(column);
              return (
                <div
                  key={column.name}
                  role="columnheader"
                  aria-sort={isSorted ? (isDescending ? "descending" : "ascending") : "none"}
                  className={styles.header}
                >
                  <button type="button" className={styles.sort} onClick={() => onSort(sortName(column))}>
                    <span className={styles.headerText}>{t(column.label)}</span>
                    {isSorted ? isDescending ? <ArrowSortDownRegular aria-hidden /> : <ArrowSortUpRegular aria-hidden /> : null}
                  </button>
                </div>
              );
            })}
          </div>
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: virtualizer.getTotalSize() }}>
          {items.map(({ index, start }) => (
            <Row
              key={index}
              index={index}
              start={start}
              template={template}
              table={table}
              columns={columns}
              row={rows.row(index)}
              isTabStop={index === focused}
              onFocus={() => setFocused(index)}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  index: number;
  start: number;
  template: string;
  table: Table;
  columns: ListColumn[];
  row: ListItem | undefined;
  isTabStop: boolean;
  onFocus: () => void;
}

const NUMERIC: readonly string[] = ["number", "share", "money", "hours", "minutes"];

function Row({ index, start, template, table, columns, row, isTabStop, onFocus }: RowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-row={index}
      onFocus={onFocus}
      className={mergeClasses(styles.row, styles.dataRow)}
      style={{ gridTemplateColumns: template, transform: `translateY(${start}px)` }}
    >
      {columns.map((column) => (
        <div
          key={column.name}
          role="gridcell"
          className={mergeClasses(styles.cell, NUMERIC.includes(column.kind) && styles.numeric)}
        >
          {row === undefined ? (
            <span className={styles.waiting} />
          ) : column.name === "name" ? (
            <Link to="/$table/$id" params={{ table, id: row.id }} tabIndex={isTabStop ? 0 : -1} className={styles.link}>
              {row.name}
            </Link>
          ) : (
            <Cell column={column} row={row} />
          )}
        </div>
      ))}
    </div>
  );
}
