import {
  Button,
  Checkbox,
  DrawerBody,
  DrawerFooter,
  DrawerHeader,
  DrawerHeaderTitle,
  OverlayDrawer,
} from "@fluentui/react-components";
import { ArrowDownRegular, ArrowUpRegular, DismissRegular } from "@fluentui/react-icons";
import type { Table } from "@/api/words.ts";
import { useShowsHealth } from "@/frame/useShowsHealth.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./ColumnChooser.module.css";
import { columnsOf } from "./columns.ts";

interface Props {
  table: Table;
  isOpen: boolean;
  /** Names of the columns that are shown, in order. */
  chosen: string[];
  onClose: () => void;
  /** `undefined`: the usual ones. */
  onChoose: (chosen: string[] | undefined) => void;
}

/** Which columns a list shows, and in which order; the name always comes first. */
export function ColumnChooser({ table, isOpen, chosen, onClose, onChoose }: Props) {
  const { t } = useL10n();
  const others = chosen.filter((name) => name !== "name");
  const all = columnsOf(table, useShowsHealth()).filter(({ name }) => name !== "name");
  const shown = others.flatMap((name) => all.filter((column) => column.name === name));
  const hidden = all.filter(({ name }) => !others.includes(name));
  const move = (name: string, by: number) => {
    const from = others.indexOf(name);
    const next = others.toSpliced(from, 1).toSpliced(from + by, 0, name);
    onChoose(["name", ...next]);
  };
  const toggle = (name: string, isShown: boolean) =>
    onChoose(["name", ...(isShown ? [...others, name] : others.filter((other) => other !== name))]);
  return (
    <OverlayDrawer position="end" open={isOpen} onOpenChange={onClose}>
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" aria-label={t("action-close")} icon={<DismissRegular />} onClick={onClose} />}
        >
          {t("list-columns")}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <ul className={styles.columns}>
          {shown.map((column, i) => (
            <li key={column.name} className={styles.column}>
              <Checkbox checked label={t(column.label)} onChange={() => toggle(column.name, false)} />
              <span>
                <Button
                  size="small"
                  appearance="subtle"
                  icon={<ArrowUpRegular />}
                  disabled={i === 0}
                  aria-label={t("column-up", { column: t(column.label) })}
                  onClick={() => move(column.name, -1)}
                />
                <Button
                  size="small"
                  appearance="subtle"
                  icon={<ArrowDownRegular />}
                  disabled={i === shown.length - 1}
                  aria-label={t("column-down", { column: t(column.label) })}
                  onClick={() => move(column.name, 1)}
                />
              </span>
            </li>
          ))}
          {hidden.map((column) => (
            <li key={column.name} className={styles.column}>
              <Checkbox checked={false} label={t(column.label)} onChange={() => toggle(column.name, true)} />
            </li>
          ))}
        </ul>
      </DrawerBody>
      <DrawerFooter>
        <Button onClick={() => onChoose(undefined)}>{t("column-reset")}</Button>
      </DrawerFooter>
    </OverlayDrawer>
  );
}
