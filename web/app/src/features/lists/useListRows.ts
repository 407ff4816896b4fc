import { useQueries, useQuery } from "@tanstack/react-query";
import { BLOCK_ROWS, listBlockQuery, type ListItem, type ListQuery } from "@/api/lists.ts";
import type { Table } from "@/api/words.ts";

/** The rows of a list, block by block as they are looked at. */
export interface ListRows {
  total: number;
  asOf: string | null;
  /** Undefined while its block loads. */
  row: (index: number) => ListItem | undefined;
  isLoading: boolean;
  problem: Error | null;
  retry: () => void;
}

/** `first` and `last`: the rows that are looked at. */
export function useListRows(table: Table, query: ListQuery, first: number, last: number, isEnabled: boolean): ListRows {
  const head = useQuery({ ...listBlockQuery(table, query, 0), enabled: isEnabled });
  const from = Math.max(1, Math.floor(first / BLOCK_ROWS));
  const to = Math.floor(Math.max(first, last) / BLOCK_ROWS);
  const wanted = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
  const others = useQueries({ queries: wanted.map((block) => ({ ...listBlockQuery(table, query, block), enabled: isEnabled })) });
  const blocks = new Map(wanted.map((block, i) => [block, others[i]?.data?.items]));
  blocks.set(0, head.data?.items);
  return {
    total: head.data?.total ?? 0,
    asOf: head.data?.as_of ?? null,
    row: (index) => blocks.get(Math.floor(index / BLOCK_ROWS))?.[index % BLOCK_ROWS],
    isLoading: head.isPending && isEnabled,
    problem: head.error,
    retry: () => void head.refetch(),
  };
}
