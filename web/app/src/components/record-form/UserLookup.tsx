import { Combobox, Option, type ComboboxProps } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usersQuery } from "@/api/people.ts";

interface Props extends Omit<ComboboxProps, "value" | "onChange" | "children"> {
  /** Addresses. */
  value: string[];
  isMultiple?: boolean;
  onChange: (addresses: string[]) => void;
}

/** Chooses users by typing a part of their name. Props of the field around it go to the control. */
export function UserLookup({ value, isMultiple = false, onChange, ...control }: Props) {
  const users = useQuery(usersQuery());
  const [typed, setTyped] = useState<string | null>(null);
  const all = users.data?.items ?? [];
  const nameOf = (address: string) => all.find((user) => user.email === address)?.name ?? address;
  const shown = all.filter((user) =>
    `${user.name} ${user.email}`.toLocaleLowerCase().includes((typed ?? "").toLocaleLowerCase()),
  );
  return (
    <Combobox
      {...control}
      multiselect={isMultiple}
      // Several are taken away one by one.
      clearable={!isMultiple}
      selectedOptions={value}
      value={typed ?? value.map(nameOf).join(", ")}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => setTyped(null)}
      onOptionSelect={(_, { selectedOptions }) => {
        setTyped(null);
        onChange(selectedOptions);
      }}
    >
      {shown.map((user) => (
        <Option key={user.email} value={user.email}>
          {user.name}
        </Option>
      ))}
    </Combobox>
  );
}
