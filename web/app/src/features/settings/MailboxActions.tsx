import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  useRestoreFocusTarget,
} from "@fluentui/react-components";
import {
  ArrowClockwiseRegular,
  KeyResetRegular,
  KeyRegular,
  MoreHorizontalRegular,
  PauseRegular,
  PlayRegular,
} from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { changeMailbox, type Connector, type Mailbox, type MailboxChange } from "@/api/connectors.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "./ChangeProblem.tsx";
import { ConfirmDialog } from "./ConfirmDialog.tsx";
import settings from "./Settings.module.css";
import { useKeptConnector } from "./useKeptConnector.ts";

interface Props {
  connector: Connector;
  mailbox: Mailbox;
}

/** What can be done with one mailbox. */
export function MailboxActions({ connector, mailbox }: Props) {
  const { t } = useL10n();
  const keep = useKeptConnector();
  const restored = useRestoreFocusTarget();
  const [asked, setAsked] = useState<"restart" | "password" | "forget" | null>(null);
  const change = useMutation({
    mutationFn: (changed: MailboxChange) => changeMailbox(connector.id, mailbox.address, changed),
    onSuccess: keep,
  });
  const { name, has_login } = mailbox;
  const close = () => setAsked(null);
  const isPaused = mailbox.state === "paused";
  // A mailbox of a paused connector goes on when the connector does.
  const isConnectorPaused = connector.paused;
  // Whoever signs in to Microsoft 365 is an application: there no mailbox has a password.
  const hasPasswords = connector.settings.kind !== "microsoft_365";
  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button
            appearance="subtle"
            size="small"
            icon={<MoreHorizontalRegular />}
            aria-label={t("mailbox-actions", { name })}
            disabledFocusable={change.isPending}
            {...restored}
          />
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {isConnectorPaused ? null : (
              <MenuItem icon={isPaused ? <PlayRegular /> : <PauseRegular />} onClick={() => change.mutate({ paused: !isPaused })}>
                {t(isPaused ? "capture-resume" : "capture-pause")}
              </MenuItem>
            )}
            <MenuItem icon={<ArrowClockwiseRegular />} onClick={() => setAsked("restart")}>
              {t("mailbox-restart")}
            </MenuItem>
            {hasPasswords ? (
              <MenuItem icon={<KeyRegular />} onClick={() => setAsked("password")}>
                {t("mailbox-password-set")}
              </MenuItem>
            ) : null}
            {has_login ? (
              <MenuItem icon={<KeyResetRegular />} onClick={() => setAsked("forget")}>
                {t("mailbox-password-forget")}
              </MenuItem>
            ) : null}
          </MenuList>
        </MenuPopover>
      </Menu>
      <ChangeProblem problem={change.error} />
      {asked === "restart" ? (
        <ConfirmDialog
          title={t("mailbox-restart-title", { name })}
          text={t("mailbox-restart-text")}
          action={t("mailbox-restart-do")}
          onClose={close}
          onConfirm={() => change.mutate({ restart: true })}
        />
      ) : null}
      {asked === "forget" ? (
        <ConfirmDialog
          title={t("mailbox-password-forget-title", { name })}
          text={t("mailbox-password-forget-text")}
          action={t("mailbox-password-forget-do")}
          onClose={close}
          onConfirm={() => change.mutate({ password: "" })}
        />
      ) : null}
      {asked === "password" ? <PasswordDialog connector={connector} mailbox={mailbox} onClose={close} /> : null}
    </>
  );
}

/** Sets the password that a mailbox has at the server, and its name there where that is another. */
function PasswordDialog({ connector, mailbox, onClose }: Props & { onClose: () => void }) {
  const { t } = useL10n();
  const keep = useKeptConnector();
  const [password, setPassword] = useState("");
  const [userName, setUserName] = useState("");
  const save = useMutation({
    mutationFn: () =>
      changeMailbox(connector.id, mailbox.address, { password, user: userName.trim() === "" ? null : userName.trim() }),
    onSuccess: (kept) => {
      keep(kept);
      onClose();
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const { settings: set } = connector;
  const usual = set.kind === "microsoft_365" ? "" : (set.user ?? "{address}");
  return (
    <Dialog open onOpenChange={(_, { open }) => (open ? undefined : onClose())}>
      <DialogSurface>
        <form onSubmit={submit}>
          <DialogBody>
            <DialogTitle>{t("mailbox-password-title", { name: mailbox.name })}</DialogTitle>
            <DialogContent className={settings.form}>
              <p>{t("mailbox-password-text")}</p>
              <Field required label={t("mailbox-password")} hint={t("connector-secret-hint")}>
                <Input
                  type="password"
                  autoComplete="new-password"
                  value={password}
                  onChange={(_, data) => setPassword(data.value)}
                />
              </Field>
              <Field label={t("mailbox-user")} hint={t("mailbox-user-hint", { usual })}>
                <Input value={userName} autoComplete="off" onChange={(_, data) => setUserName(data.value)} />
              </Field>
              <ChangeProblem problem={save.error} />
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>{t("action-cancel")}</Button>
              <Button type="submit" appearance="primary" disabled={password === "" || save.isPending}>
                {t("action-save")}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
