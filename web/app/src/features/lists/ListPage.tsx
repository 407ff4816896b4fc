import {
  Button,
  Menu,
  MenuItemLink,
  MenuList,
  MenuPopover,
  MenuTrigger,
  SearchBox,
  ToggleButton,
} from "@fluentui/react-components";
import { AddRegular, ArrowExportRegular, DataScatterRegular, FilterRegular, TableSettingsRegular } from "@fluentui/react-icons";
import { lazy, Suspense, useCallback, useState, type ReactNode } from "react";
import { exportUrl, type Condition } from "@/api/lists.ts";
import type { Table } from "@/api/words.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { TABLE_LABELS } from "@/components/labels.ts";
import { useDebounced } from "@/components/useDebounced.ts";
import { useIsNarrow } from "@/components/useIsNarrow.ts";
import { useShowsHealth } from "@/frame/useShowsHealth.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { shownColumns, type ListColumn } from "./columns.ts";
import { FilterChips } from "./FilterChips.tsx";
import { ListGrid } from "./ListGrid.tsx";
import styles from "./ListPage.module.css";
import { listQuery, type ListSearch } from "./listSearch.ts";
import { useListRows } from "./useListRows.ts";
import { ViewPicker } from "./ViewPicker.tsx";

// Whatever a list can do without at first is loaded when it is asked for.
const PipelineChart = lazy(() => import("./pipeline/PipelineChart.tsx"));
const FilterPanel = lazy(() => import("./FilterPanel.tsx").then((module) => ({ default: module.FilterPanel })));
const ColumnChooser = lazy(() => import("./ColumnChooser.tsx").then((module) => ({ default: module.ColumnChooser })));
const NewRecordDrawer = lazy(() =>
  import("@/components/record-form/NewRecordDrawer.tsx").then((module) => ({ default: module.NewRecordDrawer })),
);

interface Props {
  table: Table;
  search: ListSearch;
  onSearch: (search: ListSearch, options?: { replace?: boolean }) => void;
  viewer: string | null;
  /** Where somebody says who they are. */
  viewerPicker: ReactNode;
}

/** The list of a table, with all of its state in the URL. */
export function ListPage({ table, search, onSearch, viewer, viewerPicker }: Props) {
  const { t, language } = useL10n();
  const { number, time } = useFormats();
  const [panel, setPanel] = useState<"filter" | "columns" | "new" | null>(null);
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const onRange = useCallback(
    (first: number, last: number) => setRange(([a, b]) => (a === first && b === last ? [a, b] : [first, last])),
    [],
  );
  const query = listQuery(table, search, viewer);
  const showsHealth = useShowsHealth();
  const columns = forWidth(shownColumns(table, search.columns, showsHealth), useIsNarrow());
  const needsViewer = query.view !== "all" && viewer === null;
  const rows = useListRows(table, query, range[0], range[1], !needsViewer);
  const change = (changed: Partial<ListSearch>, options?: { replace?: boolean }) =>
    onSearch(pruned({ ...search, ...changed }), options);
  const setFilter = (filter: Condition[]) => change({ filter: filter.length > 0 ? filter : undefined });
  const [typed, setTyped] = useDebounced(search.q ?? "", (q) => change({ q: q || undefined }, { replace: true }));
  const sortBy = (name: string) =>
    change(
      query.sort === name ? { sort: name, order: query.order === "asc" ? "desc" : "asc" } : { sort: name, order: undefined },
    );
  const isFiltered = query.filter.length > 0 || query.q !== undefined;
  const names = columns.map((column) => column.name);
  return (
    <div className={styles.page}>
      <div className={styles.top}>
        <ViewPicker table={table} search={search} viewer={viewer} onSearch={onSearch} />
        <SearchBox
          className={styles.search}
          placeholder={t("list-search")}
          aria-label={t("list-search")}
          value={typed}
          onChange={(_, data) => setTyped(data.value)}
        />
      </div>
      <div role="toolbar" aria-label={t("list-commands")} className={styles.commands}>
        <Button appearance="subtle" icon={<AddRegular />} onClick={() => setPanel("new")}>
          {t("action-new")}
        </Button>
        <Button appearance="subtle" icon={<FilterRegular />} onClick={() => setPanel("filter")}>
          {t("list-filter")}
        </Button>
        <Button appearance="subtle" icon={<TableSettingsRegular />} onClick={() => setPanel("columns")}>
          {t("list-columns")}
        </Button>
        <Menu>
          <MenuTrigger disableButtonEnhancement>
            <Button appearance="subtle" icon={<ArrowExportRegular />} disabled={needsViewer}>
              {t("list-export")}
            </Button>
          </MenuTrigger>
          <MenuPopover>
            <MenuList>
              <MenuItemLink href={exportUrl(table, query, names, "xlsx", language)} download={`${table}.xlsx`}>
                {t("list-export-xlsx")}
              </MenuItemLink>
              <MenuItemLink href={exportUrl(table, query, names, "csv", language)} download={`${table}.csv`}>
                {t("list-export-csv")}
              </MenuItemLink>
            </MenuList>
          </MenuPopover>
        </Menu>
        {table === "opportunities" && showsHealth ? (
          <ToggleButton
            appearance="subtle"
            icon={<DataScatterRegular />}
            checked={search.chart === true}
            onClick={() => change({ chart: search.chart ? undefined : true })}
          >
            {t("list-chart")}
          </ToggleButton>
        ) : null}
      </div>
      <FilterChips table={table} filter={query.filter} onFilter={setFilter} />
      <div className={styles.content} data-chart={search.chart === true}>
        {search.chart && table === "opportunities" && !needsViewer && showsHealth ? (
          <div className={styles.chart}>
            <Suspense fallback={null}>
              <PipelineChart query={query} onFilter={setFilter} />
            </Suspense>
          </div>
        ) : null}
        <div className={styles.list}>
          {needsViewer ? (
            <StateBox title={t("list-no-viewer")} text={t("list-no-viewer-text")} action={viewerPicker} />
          ) : rows.problem ? (
            <ProblemState problem={rows.problem} retry={rows.retry} />
          ) : !rows.isLoading && rows.total === 0 ? (
            isFiltered ? (
              <StateBox
                title={t("list-no-match")}
                text={t("list-no-match-text")}
                action={<Button onClick={() => change({ filter: undefined, q: undefined })}>{t("list-clear-filters")}</Button>}
              />
            ) : (
              <StateBox
                title={t("list-empty")}
                text={t("list-empty-text")}
                action={<Button onClick={() => setPanel("new")}>{t("action-new")}</Button>}
              />
            )
          ) : (
            <ListGrid
              table={table}
              label={t(TABLE_LABELS[table])}
              columns={columns}
              rows={rows}
              sort={query.sort}
              isDescending={query.order === "desc"}
              onSort={sortBy}
              onRange={onRange}
            />
          )}
        </div>
      </div>
      <p role="status" className={styles.count}>
        {rows.asOf && !needsViewer
          ? t("list-count", { count: rows.total, shown: number(rows.total), time: time(rows.asOf) })
          : ""}
      </p>
      <Suspense fallback={null}>
        {panel === "filter" ? (
          <FilterPanel
            table={table}
            isOpen
            filter={query.filter}
            state={query.state}
            onClose={() => setPanel(null)}
            onApply={(filter, state) => change({ filter: filter.length > 0 ? filter : undefined, state })}
          />
        ) : null}
        {panel === "columns" ? (
          <ColumnChooser
            table={table}
            isOpen
            chosen={names}
            onClose={() => setPanel(null)}
            onChoose={(chosen) => change({ columns: chosen })}
          />
        ) : null}
        {panel === "new" ? <NewRecordDrawer table={table} isOpen onClose={() => setPanel(null)} /> : null}
      </Suspense>
    </div>
  );
}

/** A phone shows the name and the health side by side; the rest is a swipe away. */
function forWidth(columns: ListColumn[], isNarrow: boolean): ListColumn[] {
  if (!isNarrow) return columns;
  const isFirst = ({ name }: ListColumn) => name === "name" || name === "health_state";
  const narrowed = columns.map((column) => ({ ...column, width: Math.min(column.width, 160) }));
  return [...narrowed.filter(isFirst), ...narrowed.filter((column) => !isFirst(column))];
}

/** Without what is as usual, so that URLs stay short. */
function pruned(search: ListSearch): ListSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}
