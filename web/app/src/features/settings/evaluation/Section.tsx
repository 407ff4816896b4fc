import type { ReactNode } from "react";
import styles from "../Settings.module.css";

interface Props {
  id: string;
  title: string;
  children: ReactNode;
}

/** One part of the page, named by its heading. */
export function Section({ id, title, children }: Props) {
  return (
    <section aria-labelledby={`evaluation-${id}`} className={styles.panel}>
      <h2 id={`evaluation-${id}`}>{title}</h2>
      {children}
    </section>
  );
}
