import { Avatar, Button } from "@fluentui/react-components";
import type { Introducer } from "@/api/who-knows.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./IntroducerList.module.css";
import { keyOf } from "./introduction.ts";
import { StrengthBar } from "./StrengthBar.tsx";

interface Props {
  introducers: Introducer[];
  onOpen: (introducer: Introducer) => void;
}

/** Colleagues, strongest first. */
export function IntroducerList({ introducers, onOpen }: Props) {
  const { t } = useL10n();
  return (
    <ol className={styles.list}>
      {introducers.map((introducer) => (
        <li key={keyOf(introducer)} className={styles.row}>
          <Avatar name={introducer.name ?? undefined} color={introducer.name ? "colorful" : "neutral"} aria-hidden />
          <div className={styles.who}>
            <button type="button" className={styles.name} onClick={() => onOpen(introducer)}>
              {introducer.name ?? t("colleague-unnamed")}
            </button>
            <span className={styles.title}>{introducer.title}</span>
          </div>
          <StrengthBar strength={introducer.strength} grade={introducer.grade} />
          <Button
            size="small"
            onClick={() => onOpen(introducer)}
            aria-label={t("introduce-by", { name: introducer.name ?? t("colleague-unnamed") })}
          >
            {t("introduce")}
          </Button>
        </li>
      ))}
    </ol>
  );
}
