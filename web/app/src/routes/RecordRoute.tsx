import { getRouteApi } from "@tanstack/react-router";
import { RecordPage } from "@/features/record/RecordPage.tsx";

const route = getRouteApi("/$table/$id");

export function RecordRoute() {
  const { table, id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <RecordPage
      key={`${table}/${id}`}
      table={table}
      id={id}
      search={search}
      onSearch={(next, options) => void navigate({ search: next, ...options })}
    />
  );
}
