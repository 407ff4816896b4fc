import { Avatar, Button, Popover, PopoverSurface, PopoverTrigger } from "@fluentui/react-components";
import { lazy, Suspense, useState } from "react";
import type { Me } from "@/api/people.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./ViewerMenu.module.css";

const ViewerPicker = lazy(() => import("./ViewerPicker.tsx"));

/** Who looks: decides what "my" and "my team's" are. */
export function ViewerMenu({ me }: { me: Me | undefined }) {
  const { t } = useL10n();
  const [isOpen, setOpen] = useState(false);
  const name = me?.viewer?.name;
  return (
    <Popover open={isOpen} onOpenChange={(_, data) => setOpen(data.open)} trapFocus positioning="below-end">
      <PopoverTrigger disableButtonEnhancement>
        <Button
          appearance="transparent"
          className={styles.button}
          aria-label={name ? t("viewer-is", { name }) : t("viewer-choose")}
        >
          <Avatar size={28} name={name} color={name ? "colorful" : "neutral"} aria-hidden />
        </Button>
      </PopoverTrigger>
      <PopoverSurface aria-label={t("viewer-choose")} className={styles.surface} tabIndex={-1}>
        <p className={styles.text}>{name ? t("viewer-is", { name }) : t("viewer-nobody")}</p>
        <Suspense fallback={null}>
          <ViewerPicker chosen={me?.viewer?.email ?? null} onChosen={() => setOpen(false)} />
        </Suspense>
        <p className={styles.note}>{t("viewer-note")}</p>
      </PopoverSurface>
    </Popover>
  );
}
