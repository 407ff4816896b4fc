import { MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { Link } from "@tanstack/react-router";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./CaptureNotice.module.css";

/** Tells an employee, on every page, that their mailbox will be read, from when, and what they can do about it. */
export function CaptureNotice({ from }: { from: string }) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{t("capture-notice", { from: dateTime(from) })}</MessageBarTitle>
        {t("capture-notice-text")}{" "}
        <Link to="/privacy" className={styles.link}>
          {t("capture-notice-link")}
        </Link>
      </MessageBarBody>
    </MessageBar>
  );
}
