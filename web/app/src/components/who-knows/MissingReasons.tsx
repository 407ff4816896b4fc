import { Accordion, AccordionHeader, AccordionItem, AccordionPanel } from "@fluentui/react-components";
import type { Missing, MissingCount } from "@/api/who-knows.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";

const REASONS: Record<string, MessageId> = {
  no_user: "missing-no-user",
  role: "missing-role",
  group: "missing-group",
  opted_out: "missing-opted-out",
  not_available: "missing-not-available",
  mailbox_data_off: "missing-mailbox-data-off",
  consent_missing: "missing-consent",
  left_company: "missing-left",
  no_interactions: "missing-no-interactions",
};

/** Why colleagues who might be expected are not shown, by reason: who they are, or only how many. */
export function MissingReasons({ missing, counts }: { missing: Missing[]; counts: MissingCount[] }) {
  const { t } = useL10n();
  const { list, number } = useFormats();
  const people = [...new Set(missing.map(({ reason }) => reason))].map((reason) => ({
    reason,
    text: list(missing.filter((person) => person.reason === reason).map(({ name }) => name)),
  }));
  const numbers = counts.map(({ reason, colleagues }) => ({ reason, text: number(colleagues) }));
  const total = missing.length + counts.reduce((sum, { colleagues }) => sum + colleagues, 0);
  if (total === 0) return null;
  return (
    <Accordion collapsible>
      <AccordionItem value="missing">
        <AccordionHeader size="small">{t("missing-title", { count: total, shown: number(total) })}</AccordionHeader>
        <AccordionPanel>
          <dl>
            {[...people, ...numbers].map(({ reason, text }) => (
              <div key={reason}>
                <dt>{t(REASONS[reason] ?? "missing-other")}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </AccordionPanel>
      </AccordionItem>
    </Accordion>
  );
}
