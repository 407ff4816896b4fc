import { useQuery } from "@tanstack/react-query";
import { meQuery } from "@/api/people.ts";
import { usePreferences } from "./preferences.ts";

/** Whether pages show health: not in the basic tier, and not where it is switched off. */
export function useShowsHealth(): boolean {
  const { viewer } = usePreferences().preferences;
  return useQuery(meQuery(viewer)).data?.shows_health ?? true;
}
