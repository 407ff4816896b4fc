import { Badge, Button, MessageBar, MessageBarBody, Spinner, useRestoreFocusTarget } from "@fluentui/react-components";
import { AddRegular, EditRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { rolesQuery, type Role } from "@/api/people.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { NOTHING } from "@/i18n/formats.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { RoleEditor } from "./RoleEditor.tsx";
import { depthOf, DEPTH_LABELS, TASK_LABELS } from "./roleTexts.ts";
import styles from "./Settings.module.css";

const HEADS = ["role-name", "role-reads", "role-writes", "role-tasks", "role-users"] as const;

/** What each security role allows, and how many have it; those of the organization are made and changed here. */
export function RolesPage() {
  const { t } = useL10n();
  const roles = useQuery(rolesQuery());
  // A role's name; empty: one that is being made.
  const [edited, setEdited] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const restored = useRestoreFocusTarget();
  if (roles.error) return <ProblemState problem={roles.error} retry={() => void roles.refetch()} />;
  if (!roles.data) return <Spinner label={t("state-loading")} />;
  const { items } = roles.data;
  const role = items.find(({ name }) => name === edited) ?? null;
  const edit = (name: string) => {
    setDone(null);
    setEdited(name);
  };
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-roles")}</h1>
      <p>{t("roles-text")}</p>
      {done === null ? null : (
        <MessageBar intent="success" layout="multiline">
          <MessageBarBody>{done}</MessageBarBody>
        </MessageBar>
      )}
      <div className={styles.buttons}>
        <Button icon={<AddRegular />} onClick={() => edit("")} {...restored}>
          {t("role-new")}
        </Button>
      </div>
      <div className={styles.panel}>
        <div className={styles.scroll} tabIndex={0} role="region" aria-label={t("page-roles")}>
          <table className={styles.table}>
            <thead>
              <tr>
                {HEADS.map((label) => (
                  <th key={label} scope="col">
                    {t(label)}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <Row key={item.name} role={item}>
                  {item.is_undefined ? (
                    <Button
                      size="small"
                      aria-label={t("role-define-named", { name: item.name })}
                      onClick={() => edit(item.name)}
                      {...restored}
                    >
                      {t("role-define")}
                    </Button>
                  ) : item.is_built_in ? null : (
                    <Button
                      appearance="subtle"
                      icon={<EditRegular />}
                      aria-label={t("role-edit", { name: item.name })}
                      onClick={() => edit(item.name)}
                      {...restored}
                    />
                  )}
                </Row>
              ))}
            </tbody>
          </table>
        </div>
      </div>
      {edited !== null && (edited === "" || role) ? (
        <RoleEditor
          key={edited}
          role={role}
          known={items}
          onDone={(words) => {
            setEdited(null);
            setDone(words);
          }}
          onClose={() => setEdited(null)}
        />
      ) : null}
    </div>
  );
}

function Row({ role, children }: { role: Role; children: ReactNode }) {
  const { t } = useL10n();
  const { number, list } = useFormats();
  const { reads, writes, tasks } = role.rights;
  const words = tasks.map((task) => {
    const label = TASK_LABELS[task];
    return label ? t(label) : task;
  });
  return (
    <tr>
      <th scope="row">
        {role.name}{" "}
        {role.is_undefined ? (
          <Badge appearance="tint" color="warning">
            {t("role-undefined")}
          </Badge>
        ) : (
          <Badge appearance="outline">{t(role.is_built_in ? "role-built-in" : "role-custom")}</Badge>
        )}
      </th>
      <td>{t(DEPTH_LABELS[depthOf(reads)])}</td>
      <td>{t(DEPTH_LABELS[depthOf(writes)])}</td>
      <td>{words.length > 0 ? list(words) : NOTHING}</td>
      <td>{number(role.users)}</td>
      <td>{children}</td>
    </tr>
  );
}
