import { getRouteApi } from "@tanstack/react-router";
import { ListPage } from "@/features/lists/ListPage.tsx";

const route = getRouteApi("/$table");

export function ListRoute() {
  const { table } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <ListPage key={table} table={table} search={search} onSearch={(next, options) => void navigate({ search: next, ...options })} />;
}
