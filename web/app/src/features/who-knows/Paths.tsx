import type { IntroductionPath } from "@/api/who-knows.ts";
import { StateBox } from "@/components/StateBox.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./Paths.module.css";

/** Ways over one external person; none is invented. */
export function Paths({ paths, target }: { paths: IntroductionPath[]; target: string }) {
  const { t } = useL10n();
  const { number } = useFormats();
  return (
    <>
      <h3 className={styles.title}>{t("paths-title")}</h3>
      {paths.length === 0 ? (
        <StateBox isSmall title={t("paths-none")} text={t("paths-none-text")} />
      ) : (
        <ol className={styles.paths}>
          {paths.map((path) => (
            <li key={`${path.colleague ?? ""}/${path.via}`} className={styles.path}>
              <strong>{path.colleague_name ?? t("colleague-unnamed")}</strong>
              <span className={styles.tie} aria-label={t("paths-strength", { strength: number(path.strength_first) })}>
                {`— ${number(path.strength_first)} →`}
              </span>
              <span>{path.via_name}</span>
              <span className={styles.tie} aria-label={t("paths-strength", { strength: number(path.strength_second) })}>
                {`— ${number(path.strength_second)} →`}
              </span>
              <span>{target}</span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
