import { Button, Drawer, DrawerBody, DrawerHeader, DrawerHeaderTitle } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { useL10n } from "@/i18n/L10nContext.tsx";

/** One thing of a list, to be changed beside it. Whoever opened it has `useRestoreFocusTarget`, so that the focus goes back there. */
export function SideForm({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const { t } = useL10n();
  return (
    <Drawer
      type="overlay"
      position="end"
      size="medium"
      open
      onOpenChange={(_, { open }) => (open ? undefined : onClose())}
      aria-label={title}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" aria-label={t("action-close")} icon={<DismissRegular />} onClick={onClose} />}
        >
          {title}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>{children}</DrawerBody>
    </Drawer>
  );
}
