import {
  Button,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogTitle,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  Textarea,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { meQuery } from "@/api/people.ts";
import type { Introducer } from "@/api/who-knows.ts";
import { usePreferences } from "@/frame/preferences.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./ColleagueCard.module.css";
import { filled } from "./introduction.ts";

interface Props {
  introducer: Introducer;
  targetName: string;
  onClose: () => void;
}

/** The body of a dialog that asks a colleague for an introduction: a text that the seller sends with their own e-mail program. */
export function Introduction({ introducer, targetName, onClose }: Props) {
  const { t } = useL10n();
  const { viewer } = usePreferences().preferences;
  const me = useQuery(meQuery(viewer)).data;
  const firstName = introducer.name.split(" ")[0] ?? introducer.name;
  const [subject, setSubject] = useState(t("introduce-subject", { target: targetName }));
  const [text, setText] = useState<string | null>(null);
  const [isCopied, setCopied] = useState(false);
  const message = useRef<HTMLTextAreaElement>(null);
  // Where the focus was is gone with the card; outside the dialog it would be lost.
  useEffect(() => message.current?.focus(), []);
  const names = { colleague: firstName, target: targetName, me: me?.viewer?.name ?? "" };
  const body = text ?? filled(me?.introduction_template || t("introduce-template"), names);
  const mailto = `mailto:${encodeURIComponent(introducer.colleague)}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
  const copy = () => void navigator.clipboard.writeText(body).then(() => setCopied(true));
  return (
    <DialogBody>
      <DialogTitle>{t("introduce-title")}</DialogTitle>
      <DialogContent className={styles.card}>
        <MessageBar>
          <MessageBarBody>{t("introduce-no-outgoing-mail")}</MessageBarBody>
        </MessageBar>
        <Field label={t("introduce-to")}>
          <Input readOnly value={`${introducer.name} <${introducer.colleague}>`} />
        </Field>
        <Field label={t("introduce-subject-label")}>
          <Input value={subject} onChange={(_, data) => setSubject(data.value)} />
        </Field>
        <Field label={t("introduce-message")}>
          <Textarea ref={message} rows={7} value={body} onChange={(_, data) => setText(data.value)} />
        </Field>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{t("action-cancel")}</Button>
        <Button onClick={copy}>{t(isCopied ? "introduce-copied" : "introduce-copy")}</Button>
        <Button as="a" href={mailto} appearance="primary">
          {t("introduce-open-mail")}
        </Button>
      </DialogActions>
    </DialogBody>
  );
}
