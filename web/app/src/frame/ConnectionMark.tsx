import { Tooltip } from "@fluentui/react-components";
import { PlugDisconnectedRegular, PulseRegular } from "@fluentui/react-icons";
import type { Connection } from "@/api/events.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./ConnectionMark.module.css";

const LABELS: Record<Connection, MessageId> = { connecting: "live-connecting", live: "live-on", lost: "live-lost" };

/** Whether the page hears of changes. */
export function ConnectionMark({ connection }: { connection: Connection }) {
  const { t } = useL10n();
  const label = t(LABELS[connection]);
  return (
    <Tooltip content={label} relationship="description">
      <span role="status" aria-label={label} tabIndex={0} className={styles.mark} data-connection={connection}>
        {connection === "lost" ? <PlugDisconnectedRegular aria-hidden /> : <PulseRegular aria-hidden />}
      </span>
    </Tooltip>
  );
}
