import { Avatar, Button, Popover, PopoverSurface, PopoverTrigger } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import type { Me } from "@/api/people.ts";
import { signOut } from "@/api/sign-in.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./ViewerMenu.module.css";

const ViewerPicker = lazy(() => import("./ViewerPicker.tsx"));

/** Who looks: whoever signed in; where nobody needs to, whom one says to be. */
export function ViewerMenu({ me }: { me: Me | undefined }) {
  return me?.is_local_administrator === false ? <AccountMenu me={me} /> : <ChooserMenu me={me} />;
}

function AccountMenu({ me }: { me: Me }) {
  const { t } = useL10n();
  const [isOpen, setOpen] = useState(false);
  const name = me.viewer?.name ?? "";
  // A whole new page: nothing of what was shown is remembered.
  const leave = useMutation({ mutationFn: signOut, onSettled: () => globalThis.location.assign("/") });
  return (
    <Popover open={isOpen} onOpenChange={(_, data) => setOpen(data.open)} trapFocus positioning="below-end">
      <PopoverTrigger disableButtonEnhancement>
        <Button appearance="transparent" className={styles.button} aria-label={t("account-signed-in", { name })}>
          <Avatar size={28} name={name} color="colorful" aria-hidden />
        </Button>
      </PopoverTrigger>
      <PopoverSurface aria-label={t("account-open")} className={styles.surface} tabIndex={-1}>
        <p className={styles.text}>{t("account-signed-in", { name })}</p>
        <p className={styles.note}>{me.viewer?.roles.join(", ")}</p>
        <Link to="/account" className={styles.link} onClick={() => setOpen(false)}>
          {t("account-open")}
        </Link>
        <Button onClick={() => leave.mutate()} disabled={leave.isPending}>
          {t("account-sign-out")}
        </Button>
      </PopoverSurface>
    </Popover>
  );
}

function ChooserMenu({ me }: { me: Me | undefined }) {
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
