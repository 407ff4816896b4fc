import { getRouteApi } from "@tanstack/react-router";
import { ListPage } from "@/features/lists/ListPage.tsx";
import { lazy, Suspense } from "react";
import { usePreferences } from "@/frame/preferences.ts";

const ViewerPicker = lazy(() => import("@/frame/ViewerPicker.tsx"));
const route = getRouteApi("/$table");

export function ListRoute() {
  const { table } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { viewer } = usePreferences().preferences;
  return (
    <ListPage
      key={table}
      table={table}
      search={search}
      onSearch={(next, options) => void navigate({ search: next, ...options })}
      viewer={viewer}
      viewerPicker={
        <Suspense fallback={null}>
          <ViewerPicker chosen={viewer} />
        </Suspense>
      }
    />
  );
}
