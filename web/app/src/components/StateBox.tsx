import { mergeClasses } from "@fluentui/react-components";
import type { ReactNode } from "react";
import styles from "./StateBox.module.css";

interface Props {
  icon?: ReactNode;
  title: string;
  text?: string;
  action?: ReactNode;
  role?: "alert" | "status";
  isSmall?: boolean;
}

/** The designed state of a page or widget that has nothing to show: empty, failed, not permitted, not enabled. */
export function StateBox({ icon, title, text, action, role = "status", isSmall = false }: Props) {
  return (
    <div role={role} className={mergeClasses(styles.box, isSmall && styles.small)}>
      {icon ? (
        <span aria-hidden className={styles.icon}>
          {icon}
        </span>
      ) : null}
      <p className={styles.title}>{title}</p>
      {text ? <p className={styles.text}>{text}</p> : null}
      {action}
    </div>
  );
}
