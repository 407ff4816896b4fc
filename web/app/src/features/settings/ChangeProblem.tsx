import { MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { ApiProblem } from "@/api/client.ts";

/** Why a change was not made, in the server's words, and what to do. */
export function ChangeProblem({ problem }: { problem: Error | null }) {
  if (!problem) return null;
  const hint = problem instanceof ApiProblem ? problem.hint : null;
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{problem.message}</MessageBarTitle>
        {hint}
      </MessageBarBody>
    </MessageBar>
  );
}
