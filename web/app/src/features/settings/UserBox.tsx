import { Combobox, Field, Option } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usersQuery } from "@/api/people.ts";
import styles from "./Settings.module.css";

interface Props {
  label: string;
  /** Address of the chosen user. */
  user: string | null;
  onChosen: (email: string | null) => void;
  isClearable?: boolean;
}

/** Chooses a user by typing a part of their name or address. */
export function UserBox({ label, user, onChosen, isClearable = false }: Props) {
  const users = useQuery(usersQuery());
  const [typed, setTyped] = useState<string | null>(null);
  const all = users.data?.items ?? [];
  const wanted = (typed ?? "").trim().toLocaleLowerCase();
  const shown = all.filter(({ name, email }) => `${name} ${email}`.toLocaleLowerCase().includes(wanted));
  return (
    <Field label={label} className={styles.setting}>
      <Combobox
        value={typed ?? all.find(({ email }) => email === user)?.name ?? ""}
        selectedOptions={user ? [user] : []}
        clearable={isClearable}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => setTyped(null)}
        onOptionSelect={(_, { optionValue }) => {
          setTyped(null);
          onChosen(optionValue ?? null);
        }}
      >
        {shown.map(({ name, email }) => (
          <Option key={email} value={email} text={name}>
            {`${name} (${email})`}
          </Option>
        ))}
      </Combobox>
    </Field>
  );
}
