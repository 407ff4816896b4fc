import type { Table } from "@/api/words.ts";
import type { RecordSearch } from "./recordSearch.ts";

interface Props {
  table: Table;
  id: string;
  search: RecordSearch;
  onSearch: (search: RecordSearch, options?: { replace?: boolean }) => void;
}

export function RecordPage({ id }: Props) {
  return <h1>{id}</h1>;
}
