import { Button } from "@fluentui/react-components";
import { TableRegular } from "@fluentui/react-icons";
import { useState, type ReactNode } from "react";
import { useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./ChartTable.module.css";

interface Props {
  caption: string;
  head: string[];
  rows: string[][];
  /** The drawing: hidden from readers of the screen, who have the table. */
  children: ReactNode;
}

/** A drawing and the same figures as a table; everybody may switch, readers of the screen always have the table. */
export function ChartTable({ caption, head, rows, children }: Props) {
  const { t } = useL10n();
  const [isTable, setTable] = useState(false);
  return (
    <div>
      <div aria-hidden hidden={isTable}>
        {children}
      </div>
      <div
        className={isTable ? styles.scroll : styles.hidden}
        tabIndex={isTable ? 0 : undefined}
        role={isTable ? "region" : undefined}
        aria-label={isTable ? caption : undefined}
      >
        <table className={styles.table}>
          <caption className={styles.caption}>{caption}</caption>
          <thead>
            <tr>
              {head.map((cell) => (
                <th key={cell} scope="col">
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={i}>
                {row.map((cell, column) =>
                  column === 0 ? (
                    <th key={column} scope="row">
                      {cell}
                    </th>
                  ) : (
                    <td key={column}>{cell}</td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Button
        size="small"
        appearance="subtle"
        icon={<TableRegular />}
        className={styles.toggle}
        aria-pressed={isTable}
        onClick={() => setTable(!isTable)}
      >
        {t(isTable ? "chart-show-chart" : "chart-show-table")}
      </Button>
    </div>
  );
}
