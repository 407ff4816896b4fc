import { useQuery } from "@tanstack/react-query";
import { meQuery } from "@/api/people.ts";
import type { Task } from "@/frame/areas.ts";
import { usePreferences } from "@/frame/preferences.ts";

/**
 * Whether whoever looks has one of these tasks; null before that is known, whatever is asked. The server decides: pages offer nothing that
 * it always refuses.
 */
export function useMay(): (...tasks: readonly Task[]) => boolean | null {
  const { viewer } = usePreferences().preferences;
  const { data, isPending } = useQuery(meQuery(viewer));
  return (...tasks) => (isPending ? null : tasks.some((task) => data?.rights.tasks.includes(task)));
}
