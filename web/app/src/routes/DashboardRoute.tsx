import { DashboardPage } from "@/features/dashboard/DashboardPage.tsx";
import { lazy, Suspense } from "react";
import { usePreferences } from "@/frame/preferences.ts";

const ViewerPicker = lazy(() => import("@/frame/ViewerPicker.tsx"));

export function DashboardRoute() {
  const { viewer } = usePreferences().preferences;
  return (
    <DashboardPage
      viewer={viewer}
      viewerPicker={
        <Suspense fallback={null}>
          <ViewerPicker chosen={viewer} />
        </Suspense>
      }
    />
  );
}
