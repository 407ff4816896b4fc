import { DashboardPage } from "@/features/dashboard/DashboardPage.tsx";
import { usePreferences } from "@/frame/preferences.ts";
import { ViewerPicker } from "@/frame/ViewerMenu.tsx";

export function DashboardRoute() {
  const { viewer } = usePreferences().preferences;
  return <DashboardPage viewer={viewer} viewerPicker={<ViewerPicker chosen={viewer} />} />;
}
