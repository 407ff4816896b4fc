import type { EvaluationReport, EvaluationWarning } from "@/api/evaluation.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import settings from "../Settings.module.css";
import { Section } from "./Section.tsx";

/** What in the past makes these figures misleading. */
export function Traps({ report }: { report: EvaluationReport }) {
  const { t } = useL10n();
  return (
    <Section id="traps" title={t("evaluation-traps")}>
      {report.warnings.length > 0 ? (
        <ul className={settings.steps}>
          {report.warnings.map((warning, i) => (
            <Trap key={i} warning={warning} />
          ))}
        </ul>
      ) : (
        <p>{t("evaluation-traps-none")}</p>
      )}
    </Section>
  );
}

/** What it is, when and how much, and what it does to the figures. A code that is new here keeps the server's own text. */
function Trap({ warning }: { warning: EvaluationWarning }) {
  const { t } = useL10n();
  const { date, number } = useFormats();
  const { code, at, from, to, count, text } = warning;
  const facts = [
    from == null && to == null ? null : from === to || to == null ? date(from) : `${date(from)} – ${date(to)}`,
    at == null ? null : t("evaluation-trap-moment", { at: date(at) }),
    count == null ? null : t("evaluation-trap-count", { code, count: number(count) }),
  ].filter((fact) => fact !== null);
  return (
    <li>
      <strong>{t("evaluation-trap", { code })}</strong> {facts.length > 0 ? `${facts.join(", ")}. ` : ""}
      {t("evaluation-trap-text", { code, text })}
    </li>
  );
}
