import { mergeClasses } from "@fluentui/react-components";
import { useId, type ReactNode } from "react";
import styles from "./SignInCard.module.css";

interface Props {
  title: string;
  /** Room for more than a few fields. */
  isWide?: boolean;
  children: ReactNode;
}

/** The frame of the pages before the pages: name, title, content. */
export function SignInCard({ title, isWide = false, children }: Props) {
  const id = useId();
  return (
    <main className={styles.page}>
      <section aria-labelledby={id} className={mergeClasses(styles.card, isWide && styles.wide)}>
        <div className={styles.brand}>
          <img src="/rapport.svg" alt="" width={32} height={32} />
          <span>Rapport</span>
        </div>
        <h1 id={id} className={styles.title}>
          {title}
        </h1>
        {children}
      </section>
    </main>
  );
}
