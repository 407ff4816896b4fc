import { Accordion, AccordionHeader, AccordionItem, AccordionPanel } from "@fluentui/react-components";
import type { Missing } from "@/api/who-knows.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";

const REASONS: Record<string, MessageId> = {
  no_user: "missing-no-user",
  role: "missing-role",
  group: "missing-group",
  opted_out: "missing-opted-out",
  mailbox_data_off: "missing-mailbox-data-off",
  consent_missing: "missing-consent",
  left_company: "missing-left",
  no_interactions: "missing-no-interactions",
};

/** Why colleagues who might be expected are not shown: by reason. */
export function MissingReasons({ missing }: { missing: Missing[] }) {
  const { t } = useL10n();
  const { list, number } = useFormats();
  const reasons = [...new Set(missing.map(({ reason }) => reason))];
  return (
    <Accordion collapsible>
      <AccordionItem value="missing">
        <AccordionHeader size="small">
          {t("missing-title", { count: missing.length, shown: number(missing.length) })}
        </AccordionHeader>
        <AccordionPanel>
          <dl>
            {reasons.map((reason) => (
              <div key={reason}>
                <dt>{t(REASONS[reason] ?? "missing-other")}</dt>
                <dd>{list(missing.filter((person) => person.reason === reason).map(({ name }) => name))}</dd>
              </div>
            ))}
          </dl>
        </AccordionPanel>
      </AccordionItem>
    </Accordion>
  );
}
