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
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { meQuery } from "@/api/people.ts";
import { askIntroduction, type Introducer } from "@/api/who-knows.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { usePreferences } from "@/frame/preferences.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./ColleagueCard.module.css";
import { filled, keyOf } from "./introduction.ts";

interface Props {
  introducer: Introducer;
  target: string;
  targetName: string;
  onClose: () => void;
}

/** The body of a dialog that asks a colleague for an introduction: here, or with the seller's own e-mail program. */
export function Introduction({ introducer, target, targetName, onClose }: Props) {
  const { t } = useL10n();
  const { viewer } = usePreferences().preferences;
  const me = useQuery(meQuery(viewer)).data;
  const queries = useQueryClient();
  const firstName = introducer.name?.split(" ")[0] ?? "";
  const [subject, setSubject] = useState(t("introduce-subject", { target: targetName }));
  const [text, setText] = useState<string | null>(null);
  const message = useRef<HTMLTextAreaElement>(null);
  // Where the focus was is gone with the card; outside the dialog it would be lost.
  useEffect(() => message.current?.focus(), []);
  const names = { colleague: firstName, target: targetName, me: me?.viewer?.name ?? "" };
  const template = me?.introduction_template || t(introducer.name ? "introduce-template" : "introduce-template-unnamed");
  const body = text ?? filled(template, names);
  const ask = useMutation({
    mutationFn: () => askIntroduction(target, keyOf(introducer), body),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["introductions"] }),
  });
  const { colleague, name } = introducer;
  return (
    <DialogBody>
      <DialogTitle>{t("introduce-title")}</DialogTitle>
      <DialogContent className={styles.card}>
        <Field label={t("introduce-to")}>
          <Input readOnly value={colleague && name ? `${name} <${colleague}>` : t("colleague-unnamed")} />
        </Field>
        {colleague ? (
          <Field label={t("introduce-subject-label")}>
            <Input value={subject} onChange={(_, data) => setSubject(data.value)} />
          </Field>
        ) : null}
        <Field label={t("introduce-message")}>
          <Textarea ref={message} rows={7} value={body} maxLength={4000} onChange={(_, data) => setText(data.value)} />
        </Field>
        {ask.isSuccess ? (
          <MessageBar intent="success" layout="multiline">
            <MessageBarBody>
              {t("introduce-asked")} <Link to="/introductions">{t("page-introductions")}</Link>
            </MessageBarBody>
          </MessageBar>
        ) : null}
        {ask.error ? <ProblemState problem={ask.error} retry={() => ask.mutate()} isSmall /> : null}
        {me?.is_local_administrator ? <p className={styles.note}>{t("introduce-no-sign-in")}</p> : null}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{t(ask.isSuccess ? "action-close" : "action-cancel")}</Button>
        {colleague ? (
          <Button as="a" href={mailto(colleague, subject, body)}>
            {t("introduce-open-mail")}
          </Button>
        ) : null}
        {ask.isSuccess ? null : (
          <Button
            appearance="primary"
            disabled={ask.isPending || (me?.is_local_administrator ?? true)}
            onClick={() => ask.mutate()}
          >
            {t("introduce-send")}
          </Button>
        )}
      </DialogActions>
    </DialogBody>
  );
}

function mailto(to: string, subject: string, body: string): string {
  return `mailto:${encodeURIComponent(to)}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
}
