import { Link } from "@tanstack/react-router";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";

const GUIDES = {
  connectors: "help-connectors",
  enabling: "help-enabling",
  "privacy-for-employees": "help-privacy",
  "works-council": "help-works-council",
} satisfies Record<string, MessageId>;

/** Leads from a page to the guide that explains it. */
export function GuideLink({ guide }: { guide: keyof typeof GUIDES }) {
  const { t } = useL10n();
  return (
    <p>
      {t("help-guide")}{" "}
      <Link to="/help/$guide" params={{ guide }}>
        {t(GUIDES[guide])}
      </Link>
    </p>
  );
}
