import { Button } from "@fluentui/react-components";
import {
  ArrowClockwiseRegular,
  LockClosedRegular,
  PlugDisconnectedRegular,
  SearchInfoRegular,
  WarningRegular,
} from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ApiProblem } from "@/api/client.ts";
import { meQuery } from "@/api/people.ts";
import { usePreferences } from "@/frame/preferences.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { problemTitle } from "./problems.ts";
import { StateBox } from "./StateBox.tsx";

interface Props {
  problem: unknown;
  retry?: () => void;
  isSmall?: boolean;
}

/** What went wrong, in words, with what can be done. */
export function ProblemState({ problem, retry, isSmall }: Props) {
  const { t } = useL10n();
  const again = retry ? (
    <Button icon={<ArrowClockwiseRegular />} onClick={retry}>
      {t("state-retry")}
    </Button>
  ) : undefined;
  if (problem instanceof ApiProblem) {
    if (problem.isNotEnabled) {
      return (
        <StateBox
          icon={<PlugDisconnectedRegular />}
          title={t("state-not-enabled")}
          text={t("state-not-enabled-text")}
          action={<NotEnabled />}
          isSmall={isSmall}
        />
      );
    }
    if (problem.isForbidden && problem.kind !== "signed_out" && problem.kind !== "cross_site") {
      return (
        <StateBox
          icon={<LockClosedRegular />}
          title={t("state-not-permitted")}
          text={t("state-not-permitted-text")}
          action={<Link to="/why">{t("page-why")}</Link>}
          isSmall={isSmall}
        />
      );
    }
    if (problem.isMissing) {
      return (
        <StateBox icon={<SearchInfoRegular />} title={t("state-missing")} text={t("state-missing-text")} isSmall={isSmall} />
      );
    }
    if (problem.status === 0) {
      return (
        <StateBox
          icon={<PlugDisconnectedRegular />}
          title={t("state-unreachable")}
          text={t("state-unreachable-text")}
          action={again}
          isSmall={isSmall}
        />
      );
    }
  }
  const detail = problem instanceof Error ? problem.message : String(problem);
  const hint = problem instanceof ApiProblem && problem.hint ? ` ${problem.hint}` : "";
  return (
    <StateBox
      role="alert"
      icon={<WarningRegular />}
      title={t(problemTitle(problem))}
      text={`${detail}${hint}`}
      action={again}
      isSmall={isSmall}
    />
  );
}

/** Where to look why something is off; where to switch it on, for whoever may. */
function NotEnabled() {
  const { t } = useL10n();
  const { viewer } = usePreferences().preferences;
  const mayEnable = useQuery(meQuery(viewer)).data?.rights.tasks.includes("configure") ?? false;
  return (
    <>
      <Link to="/why">{t("page-why")}</Link>
      {mayEnable ? <Link to="/settings/overview">{t("page-overview")}</Link> : null}
    </>
  );
}
