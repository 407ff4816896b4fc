import { Tag, TagGroup } from "@fluentui/react-components";
import type { Condition } from "@/api/lists.ts";
import type { Table } from "@/api/words.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { columnsOf, sortName } from "./columns.ts";
import styles from "./FilterChips.module.css";
import { useConditionText } from "./useConditionText.ts";

interface Props {
  table: Table;
  filter: Condition[];
  onFilter: (filter: Condition[]) => void;
}

/** The conditions of a filter in words, each to be taken away. */
export function FilterChips({ table, filter, onFilter }: Props) {
  const { t } = useL10n();
  const textOf = useConditionText();
  if (filter.length === 0) return null;
  const label = (condition: Condition) => {
    const column =
      columnsOf(table).find(({ name }) => name === condition.column) ??
      columnsOf(table).find((known) => sortName(known) === condition.column);
    return textOf(condition, column);
  };
  return (
    <TagGroup
      aria-label={t("list-filters")}
      className={styles.chips}
      onDismiss={(_, { value }) => onFilter(filter.filter((_condition, i) => String(i) !== value))}
    >
      {filter.map((condition, i) => (
        <Tag
          key={JSON.stringify(condition)}
          value={String(i)}
          dismissible
          size="small"
          dismissIcon={{ "aria-label": t("list-filter-remove") }}
        >
          {label(condition)}
        </Tag>
      ))}
    </TagGroup>
  );
}
