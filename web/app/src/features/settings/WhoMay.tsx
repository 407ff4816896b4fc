import { useL10n } from "@/i18n/L10nContext.tsx";
import type { Task } from "@/frame/areas.ts";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./Settings.module.css";
import { useMay } from "./useMay.ts";

const WHO = {
  configure: { tasks: ["configure"], text: "may-configure" },
  customize: { tasks: ["configure", "customize"], text: "may-customize" },
  consent: { tasks: ["consent"], text: "may-consent" },
} as const satisfies Record<string, { tasks: Task[]; text: MessageId }>;

/** One line for whoever may read something and not change it: who may. Nothing for anybody else. */
export function WhoMay({ what }: { what: keyof typeof WHO }) {
  const { t } = useL10n();
  const may = useMay();
  const { tasks, text } = WHO[what];
  return may(...tasks) === false ? <p className={styles.note}>{t(text)}</p> : null;
}
