import { ApiProblem } from "@/api/client.ts";
import type { MessageId } from "@/i18n/message-ids";

/** Common refusals in the reader's language, by the last word of the problem's type; the server's own words follow, which are English. */
const TITLES: Record<string, MessageId> = {
  signed_out: "problem-signed-out",
  refused: "problem-refused",
  not_enabled: "state-not-enabled",
  cross_site: "problem-cross-site",
  missing: "state-missing",
  conflict: "problem-conflict",
  unprocessable: "problem-unprocessable",
  too_large: "problem-too-large",
  too_many: "problem-too-many",
  busy: "problem-busy",
  full: "problem-full",
};

/** What kind of thing went wrong. */
export function problemTitle(problem: unknown): MessageId {
  if (!(problem instanceof ApiProblem)) return "state-error";
  return problem.status === 0 ? "state-unreachable" : (TITLES[problem.kind] ?? "state-error");
}
