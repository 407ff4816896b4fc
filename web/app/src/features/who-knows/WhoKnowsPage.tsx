import type { WhoKnowsSearch } from "./whoKnowsSearch.ts";

interface Props {
  search: WhoKnowsSearch;
  onSearch: (search: WhoKnowsSearch, options?: { replace?: boolean }) => void;
}

export function WhoKnowsPage({ search }: Props) {
  return <h1>{search.target}</h1>;
}
