import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from "@fluentui/react-components";
import { useL10n } from "@/i18n/L10nContext.tsx";

interface Props {
  title: string;
  /** What comes of it. */
  text: string;
  action: string;
  onClose: () => void;
  onConfirm: () => void;
}

/** Asks once more before something that is not simply undone. */
export function ConfirmDialog({ title, text, action, onClose, onConfirm }: Props) {
  const { t } = useL10n();
  return (
    <Dialog modalType="alert" open onOpenChange={(_, { open }) => (open ? undefined : onClose())}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent>{text}</DialogContent>
          <DialogActions>
            <Button onClick={onClose}>{t("action-cancel")}</Button>
            <Button
              appearance="primary"
              onClick={() => {
                onClose();
                onConfirm();
              }}
            >
              {action}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
