import { getRouteApi } from "@tanstack/react-router";
import { GuidePage } from "@/features/help/GuidePage.tsx";

const route = getRouteApi("/help/$guide");

export function GuideRoute() {
  return <GuidePage name={route.useParams().guide} />;
}
