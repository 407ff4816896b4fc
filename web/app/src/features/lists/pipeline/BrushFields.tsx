import { Accordion, AccordionHeader, AccordionItem, AccordionPanel, Button, Field, Input } from "@fluentui/react-components";
import { useState } from "react";
import { useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./BrushFields.module.css";

/** A part of the chart. */
export interface Area {
  fromDay: number;
  toDay: number;
  fromHealth: number;
  toHealth: number;
}

/** The brush for whoever does not drag: the same area in four numbers. */
export function BrushFields({ days, onBrush }: { days: number; onBrush: (area: Area) => void }) {
  const { t } = useL10n();
  const [area, setArea] = useState<Area>({ fromDay: 0, toDay: days, fromHealth: 0, toHealth: 100 });
  const field = (label: string, name: keyof Area, max: number) => (
    <Field label={label}>
      <Input
        type="number"
        min={0}
        max={max}
        value={String(area[name])}
        onChange={(_, data) => setArea({ ...area, [name]: Math.max(0, Math.min(max, Number(data.value))) })}
      />
    </Field>
  );
  return (
    <Accordion collapsible>
      <AccordionItem value="brush">
        <AccordionHeader size="small">{t("pipeline-brush")}</AccordionHeader>
        <AccordionPanel>
          <form
            className={styles.fields}
            onSubmit={(event) => {
              event.preventDefault();
              onBrush(area);
            }}
          >
            {field(t("pipeline-brush-from-day"), "fromDay", days)}
            {field(t("pipeline-brush-to-day"), "toDay", days)}
            {field(t("pipeline-brush-from-health"), "fromHealth", 100)}
            {field(t("pipeline-brush-to-health"), "toHealth", 100)}
            <Button type="submit">{t("pipeline-brush-apply")}</Button>
          </form>
        </AccordionPanel>
      </AccordionItem>
    </Accordion>
  );
}
