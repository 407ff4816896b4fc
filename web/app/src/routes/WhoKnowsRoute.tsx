import { getRouteApi } from "@tanstack/react-router";
import { WhoKnowsPage } from "@/features/who-knows/WhoKnowsPage.tsx";

const route = getRouteApi("/who-knows");

export function WhoKnowsRoute() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <WhoKnowsPage search={search} onSearch={(next, options) => void navigate({ search: next, ...options })} />;
}
