import type { Table } from "@/api/words.ts";
import type { ListSearch } from "./listSearch.ts";

interface Props {
  table: Table;
  search: ListSearch;
  onSearch: (search: ListSearch, options?: { replace?: boolean }) => void;
}

export function ListPage({ table }: Props) {
  return <h1>{table}</h1>;
}
