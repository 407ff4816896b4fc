import { MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";

const REASONS: Partial<Record<string, MessageId>> = {
  refused: "sign-in-refused",
  unknown: "sign-in-unknown",
  failed: "sign-in-failed",
  no_administrator: "sign-in-no-administrator",
};

/** Why whoever comes back from a provider is not signed in. */
export function CameBack() {
  const { t } = useL10n();
  const why = REASONS[new URLSearchParams(globalThis.location.search).get("sign_in") ?? ""];
  if (!why) return null;
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>{t(why)}</MessageBarBody>
    </MessageBar>
  );
}
