import { CalendarLtrRegular, CallRegular, MailRegular, TaskListSquareLtrRegular } from "@fluentui/react-icons";
import { asKind, type Kind } from "@/api/words.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { KIND_LABELS } from "./labels.ts";

const ICONS: Record<Kind, typeof MailRegular> = {
  email: MailRegular,
  meeting: CalendarLtrRegular,
  phone_call: CallRegular,
  task: TaskListSquareLtrRegular,
};

/** The icon of a kind of activity; it says its word to whoever cannot see it, unless the word stands beside it. */
export function KindIcon({ kind, hasWord = false }: { kind: string; hasWord?: boolean }) {
  const { t } = useL10n();
  const known = asKind(kind);
  const Icon = ICONS[known];
  return hasWord ? <Icon aria-hidden /> : <Icon role="img" aria-label={t(KIND_LABELS[known])} />;
}
