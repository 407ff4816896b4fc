import { Avatar, Badge, SearchBox } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usersQuery } from "@/api/people.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./Settings.module.css";

const LICENCES: Record<string, MessageId> = {
  none: "licence-none",
  enterprise: "licence-enterprise",
  premium: "licence-premium",
};

/** Everybody who works here, as the CRM told. */
export function UsersPage() {
  const { t } = useL10n();
  const users = useQuery(usersQuery());
  const [text, setText] = useState("");
  if (users.error) return <ProblemState problem={users.error} retry={() => void users.refetch()} />;
  const all = users.data?.items ?? [];
  const shown = all.filter((user) =>
    `${user.name} ${user.email} ${user.title ?? ""} ${user.roles.join(" ")} ${user.groups.join(" ")}`
      .toLocaleLowerCase()
      .includes(text.toLocaleLowerCase()),
  );
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
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </div>
      ) : null}
    </div>
  );
}
