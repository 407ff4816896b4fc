import type { Task } from "@/frame/areas.ts";

/** Who looks, with these tasks alone. */
export function meOf(...tasks: Task[]) {
  return {
    "GET /api/v1/me": () => ({
      viewer: null,
      organization: { name: "Acme", time_zone: "UTC", today: "2026-11-24" },
      tier: "enhanced",
      data: "crm",
      keeps_subjects: false,
      is_local_administrator: false,
      rights: { reads: "none", writes: "none", tasks },
    }),
  };
}
