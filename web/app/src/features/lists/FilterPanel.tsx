import {
  Button,
  DrawerBody,
  DrawerFooter,
  DrawerHeader,
  DrawerHeaderTitle,
  Dropdown,
  Field,
  Input,
  Option,
  OverlayDrawer,
} from "@fluentui/react-components";
import { AddRegular, DeleteRegular, DismissRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { Condition, Op, OpenState } from "@/api/lists.ts";
import { HEALTH_STATES, KINDS, TRENDS, type Table } from "@/api/words.ts";
import { HEALTH_LABELS, KIND_LABELS, STATUSES, statusLabel, TREND_LABELS } from "@/components/labels.ts";
import { useShowsHealth } from "@/frame/useShowsHealth.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { columnsOf, type ColumnKind, type ListColumn } from "./columns.ts";
import styles from "./FilterPanel.module.css";

const OP_LABELS: Record<Op, MessageId> = {
  is: "op-is",
  in: "op-is",
  contains: "op-contains",
  ge: "op-from",
  le: "op-to",
  le_or_empty: "op-to-or-empty",
  empty: "op-empty",
  not_empty: "op-not-empty",
};

const WORDS: readonly ColumnKind[] = ["health", "trend", "kind", "status"];

function opsOf(column: ListColumn): readonly Op[] {
  if (WORDS.includes(column.kind)) return ["in", "empty", "not_empty"];
  if (column.name === "currency") return ["is", "empty", "not_empty"];
  if (column.kind === "text") return ["contains", "is", "empty", "not_empty"];
  if (column.kind === "date" || column.kind === "moment") return ["ge", "le", "empty", "not_empty"];
  return ["ge", "le", "le_or_empty", "empty", "not_empty"];
}

interface Props {
  table: Table;
  isOpen: boolean;
  filter: Condition[];
  state: OpenState;
  onClose: () => void;
  onApply: (filter: Condition[], state: OpenState) => void;
}

/** Any condition on any column; all must hold. */
export function FilterPanel({ isOpen, onClose, ...props }: Props) {
  const { t } = useL10n();
  return (
    <OverlayDrawer position="end" size="medium" open={isOpen} onOpenChange={onClose}>
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" aria-label={t("action-close")} icon={<DismissRegular />} onClick={onClose} />}
        >
          {t("list-filter")}
        </DrawerHeaderTitle>
      </DrawerHeader>
      {isOpen ? <Conditions {...props} onClose={onClose} /> : null}
    </OverlayDrawer>
  );
}

function Conditions({ table, filter, state, onClose, onApply }: Omit<Props, "isOpen">) {
  const { t } = useL10n();
  const [draft, setDraft] = useState<Condition[]>(filter.length > 0 ? filter : [{ column: "name", op: "contains" }]);
  const set = (i: number, changed: Partial<Condition>) =>
    setDraft(draft.map((condition, at) => (at === i ? { ...condition, ...changed } : condition)));
  const columns = columnsOf(table, useShowsHealth());
  const complete = draft.filter(
    ({ op, value }) =>
      op === "empty" || op === "not_empty" || (Array.isArray(value) ? value.length > 0 : value !== undefined && value !== ""),
  );
  return (
    <>
      <DrawerBody>
        <div className={styles.conditions}>
          {draft.map((condition, i) => {
            const column = columns.find(({ name }) => name === condition.column) ?? columns[0];
            if (!column) return null;
            const ops = opsOf(column);
            return (
              <fieldset key={i} className={styles.condition}>
                <legend className={styles.legend}>{t("filter-condition", { number: i + 1 })}</legend>
                <Field label={t("filter-column")}>
                  <Dropdown
                    value={t(column.label)}
                    selectedOptions={[column.name]}
                    onOptionSelect={(_, { optionValue }) => {
                      const chosen = columns.find(({ name }) => name === optionValue);
                      if (chosen) set(i, { column: chosen.name, op: opsOf(chosen)[0] ?? "is", value: undefined });
                    }}
                  >
                    {columns.map(({ name, label }) => (
                      <Option key={name} value={name}>
                        {t(label)}
                      </Option>
                    ))}
                  </Dropdown>
                </Field>
                <Field label={t("filter-op")}>
                  <Dropdown
                    value={t(OP_LABELS[condition.op])}
                    selectedOptions={[condition.op]}
                    onOptionSelect={(_, { optionValue }) => set(i, { op: ops.find((op) => op === optionValue) ?? condition.op })}
                  >
                    {ops.map((op) => (
                      <Option key={op} value={op}>
                        {t(OP_LABELS[op])}
                      </Option>
                    ))}
                  </Dropdown>
                </Field>
                <ValueField table={table} column={column} condition={condition} onValue={(value) => set(i, { value })} />
                <Button
                  appearance="subtle"
                  icon={<DeleteRegular />}
                  aria-label={t("list-filter-remove")}
                  onClick={() => setDraft(draft.toSpliced(i, 1))}
                />
              </fieldset>
            );
          })}
          <Button icon={<AddRegular />} onClick={() => setDraft([...draft, { column: "name", op: "contains" }])}>
            {t("filter-add")}
          </Button>
        </div>
      </DrawerBody>
      <DrawerFooter>
        <Button
          appearance="primary"
          onClick={() => {
            onApply(complete, state);
            onClose();
          }}
        >
          {t("filter-apply")}
        </Button>
        <Button
          onClick={() => {
            onApply([], state);
            onClose();
          }}
        >
          {t("list-clear-filters")}
        </Button>
      </DrawerFooter>
    </>
  );
}

interface ValueProps {
  table: Table;
  column: ListColumn;
  condition: Condition;
  onValue: (value: Condition["value"]) => void;
}

function ValueField({ table, column, condition: { op, value }, onValue }: ValueProps) {
  const { t } = useL10n();
  if (op === "empty" || op === "not_empty") return null;
  if (op === "in") {
    const words = wordsOf(table, column);
    const chosen = Array.isArray(value) ? value : [];
    return (
      <Field label={t("filter-value")}>
        <Dropdown
          multiselect
          value={words
            .filter(([word]) => chosen.includes(word))
            .map(([, label]) => t(label))
            .join(", ")}
          selectedOptions={chosen}
          onOptionSelect={(_, { selectedOptions }) => onValue(selectedOptions)}
        >
          {words.map(([word, label]) => (
            <Option key={word} value={word}>
              {t(label)}
            </Option>
          ))}
        </Dropdown>
      </Field>
    );
  }
  if (column.kind === "text") {
    return (
      <Field label={t("filter-value")}>
        <Input value={typeof value === "string" ? value : ""} onChange={(_, data) => onValue(data.value)} />
      </Field>
    );
  }
  if (column.kind === "date" || column.kind === "moment") {
    return (
      <Field label={t("filter-value")}>
        <Input type="date" value={typeof value === "string" ? value : ""} onChange={(_, data) => onValue(data.value)} />
      </Field>
    );
  }
  // Shares are typed in percent, times in hours, as they are shown.
  const factor = column.kind === "share" ? 0.01 : column.kind === "minutes" ? 60 : 1;
  return (
    <Field label={t("filter-value")}>
      <Input
        type="number"
        value={typeof value === "number" ? String(Math.round((value / factor) * 100) / 100) : ""}
        onChange={(_, data) => onValue(data.value === "" ? undefined : Number(data.value) * factor)}
      />
    </Field>
  );
}

function wordsOf(table: Table, column: ListColumn): [string, MessageId][] {
  if (column.kind === "health") return HEALTH_STATES.map((word) => [word, HEALTH_LABELS[word]]);
  if (column.kind === "trend") return TRENDS.map((word) => [word, TREND_LABELS[word]]);
  if (column.kind === "kind") return KINDS.map((word) => [word, KIND_LABELS[word]]);
  return STATUSES[table].map((word) => [word, statusLabel(word)]);
}
