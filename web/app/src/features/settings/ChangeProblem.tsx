import { MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { ApiProblem } from "@/api/client.ts";
import { problemTitle } from "@/components/problems.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";

/** Why a change was not made, and what to do: in the server's words, below what kind of problem it is. */
export function ChangeProblem({ problem }: { problem: Error | null }) {
  const { t } = useL10n();
  if (!problem) return null;
  const hint = problem instanceof ApiProblem ? problem.hint : null;
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{t(problemTitle(problem))}</MessageBarTitle>
        {`${problem.message} ${hint ?? ""}`}
      </MessageBarBody>
    </MessageBar>
  );
}
