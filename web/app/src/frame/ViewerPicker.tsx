import { Combobox, Option } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usersQuery, type User } from "@/api/people.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { usePreferences } from "./preferences.ts";
import styles from "./ViewerMenu.module.css";

/** Chooses among all users by typing. */
export default function ViewerPicker({ chosen, onChosen }: { chosen: string | null; onChosen?: () => void }) {
  const { t } = useL10n();
  const { change } = usePreferences();
  const users = useQuery(usersQuery());
  const [typed, setTyped] = useState<string | null>(null);
  const all = users.data?.items ?? [];
  const shown = all.filter((user) => matches(user, typed ?? ""));
  const current = all.find((user) => user.email === chosen);
  return (
    <Combobox
      aria-label={t("viewer-choose")}
      placeholder={t("viewer-choose")}
      value={typed ?? current?.name ?? ""}
      selectedOptions={chosen ? [chosen] : []}
      clearable
      onChange={(event) => setTyped(event.target.value)}
      onOptionSelect={(_, { optionValue }) => {
        setTyped(null);
        change({ viewer: optionValue ?? null });
        onChosen?.();
      }}
    >
      {shown.map((user) => (
        <Option key={user.email} value={user.email} text={user.name}>
          <span className={styles.option}>
            <span>{user.name}</span>
            <span className={styles.title}>{user.title ?? user.email}</span>
          </span>
        </Option>
      ))}
      {shown.length === 0 ? (
        <Option disabled value="" text={t("viewer-none")}>
          {t("viewer-none")}
        </Option>
      ) : null}
    </Combobox>
  );
}

function matches(user: User, typed: string): boolean {
  const wanted = typed.trim().toLocaleLowerCase();
  return [user.name, user.email].some((text) => text.toLocaleLowerCase().includes(wanted));
}
