import { useId, type ReactNode } from "react";
import styles from "./SignInCard.module.css";

/** The frame of the pages before the pages: name, title, content. */
export function SignInCard({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <main className={styles.page}>
      <section aria-labelledby={id} className={styles.card}>
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
