import { DocumentQuestionMarkRegular } from "@fluentui/react-icons";
import { StateBox } from "@/components/StateBox.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";

const REASONS: Record<string, [MessageId, MessageId]> = {
  no_mailbox_data: ["reason-no-mailbox-data", "reason-no-mailbox-data-text"],
  not_enough_data: ["reason-not-enough-data", "reason-not-enough-data-text"],
  not_permitted: ["reason-not-told", "reason-not-told-text"],
};

/** Why a figure is not known; never a zero in its place. */
export function Unavailable({ reason }: { reason: string | undefined }) {
  const { t } = useL10n();
  const [title, text] = REASONS[reason ?? ""] ?? (["reason-not-enough-data", "reason-not-enough-data-text"] as const);
  return <StateBox isSmall icon={<DocumentQuestionMarkRegular />} title={t(title)} text={t(text)} />;
}
