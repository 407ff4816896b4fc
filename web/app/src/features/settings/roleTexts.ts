import type { MessageId } from "@/i18n/message-ids";

/** How far a right on records reaches; each depth contains those before it. */
export const DEPTHS = ["none", "user", "team", "business_unit", "organization"] as const;
type Depth = (typeof DEPTHS)[number];

export const DEPTH_LABELS: Record<Depth, MessageId> = {
  none: "role-depth-none",
  user: "role-depth-user",
  team: "role-depth-team",
  business_unit: "role-depth-business-unit",
  organization: "role-depth-organization",
};

export const TASK_LABELS: Record<string, MessageId> = {
  configure: "role-task-configure",
  customize: "role-task-customize",
  manage_users: "role-task-manage-users",
  consent: "role-task-consent",
  privacy: "role-task-privacy",
  audit: "role-task-audit",
};

/** A word of the interface as a depth; one that is not known reaches nothing. */
export function depthOf(word: string): Depth {
  return DEPTHS.find((depth) => depth === word) ?? "none";
}

export function isDeeper(depth: Depth, than: Depth): boolean {
  return DEPTHS.indexOf(depth) > DEPTHS.indexOf(than);
}
