import { Avatar, Badge, Button, SearchBox } from "@fluentui/react-components";
import { EditRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { meQuery, usersQuery } from "@/api/people.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { usePreferences } from "@/frame/preferences.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { LICENCES } from "./licences.ts";
import styles from "./Settings.module.css";
import { UserEditor } from "./UserEditor.tsx";

/** Everybody who works here, with what they may; an administrator changes it here. */
export function UsersPage() {
  const { t } = useL10n();
  const users = useQuery(usersQuery());
  const me = useQuery(meQuery(usePreferences().preferences.viewer)).data;
  const mayEdit = me?.rights.tasks.includes("manage_users") ?? false;
  const [text, setText] = useState("");
  const [edited, setEdited] = useState<string | null>(null);
  if (users.error) return <ProblemState problem={users.error} retry={() => void users.refetch()} />;
  const all = users.data?.items ?? [];
  const shown = all.filter((user) =>
    `${user.name} ${user.email} ${user.title ?? ""} ${user.roles.join(" ")} ${user.groups.join(" ")}`
      .toLocaleLowerCase()
      .includes(text.toLocaleLowerCase()),
  );
  const editing = all.find((user) => user.email === edited);
  const nameOf = (address: string | null | undefined) => all.find((user) => user.email === address)?.name ?? address ?? "---";
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-users")}</h1>
      <SearchBox
        aria-label={t("users-search")}
        placeholder={t("users-search")}
        value={text}
        onChange={(_, data) => setText(data.value)}
      />
      {users.data && all.length === 0 ? <StateBox title={t("users-none")} text={t("users-none-text")} /> : null}
      {all.length > 0 ? (
        <div className={styles.panel}>
          <div className={styles.scroll} tabIndex={0} role="region" aria-label={t("page-users")}>
            <table className={styles.table}>
              <thead>
                <tr>
                  {(
                    [
                      "user-name",
                      "user-title",
                      "user-email",
                      "user-manager",
                      "user-licence",
                      "user-roles",
                      "user-groups",
                    ] as const
                  ).map((label) => (
                    <th key={label} scope="col">
                      {t(label)}
                    </th>
                  ))}
                  {mayEdit ? <td /> : null}
                </tr>
              </thead>
              <tbody>
                {shown.map((user) => (
                  <tr key={user.email}>
                    <th scope="row">
                      <Avatar size={24} name={user.name} color="colorful" aria-hidden /> {user.name}{" "}
                      {user.is_active ? null : <Badge appearance="outline">{t("user-left")}</Badge>}
                    </th>
                    <td>{user.title ?? "---"}</td>
                    <td>{user.email}</td>
                    <td>{nameOf(user.manager)}</td>
                    <td>{t(LICENCES[user.licence] ?? "licence-premium")}</td>
                    <td>{user.roles.join(", ") || "---"}</td>
                    <td>{user.groups.join(", ") || "---"}</td>
                    {mayEdit ? (
                      <td>
                        <Button
                          appearance="subtle"
                          icon={<EditRegular />}
                          aria-label={t("user-edit", { name: user.name })}
                          onClick={() => setEdited(user.email)}
                        />
                      </td>
                    ) : null}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </div>
      ) : null}
      {editing ? <UserEditor key={editing.email} user={editing} onClose={() => setEdited(null)} /> : null}
    </div>
  );
}
