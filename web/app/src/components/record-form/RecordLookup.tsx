import { Combobox, Option, type ComboboxProps } from "@fluentui/react-components";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { lookupQuery, recordQuery } from "@/api/records.ts";
import type { Table } from "@/api/words.ts";
import { useDebounced } from "@/components/useDebounced.ts";

interface Props extends Omit<ComboboxProps, "value" | "onChange" | "children"> {
  table: Table;
  /** The record's id. */
  value: string;
  onChange: (id: string | null) => void;
}

/** Chooses a record by typing a part of its name. Props of the field around it go to the control. */
export function RecordLookup({ table, value, onChange, ...control }: Props) {
  const [wanted, setWanted] = useState("");
  const [typed, setTyped] = useDebounced(wanted, setWanted);
  const [isTyping, setTyping] = useState(false);
  const chosen = useQuery({ ...recordQuery(table, value), enabled: value !== "" });
  const found = useQuery({ ...lookupQuery(table, wanted), placeholderData: keepPreviousData });
  const name = chosen.data?.record.topic ?? chosen.data?.record.name ?? value;
  return (
    <Combobox
      {...control}
      clearable
      selectedOptions={value === "" ? [] : [value]}
      value={isTyping ? typed : name}
      onChange={(event) => {
        setTyping(true);
        setTyped(event.target.value);
      }}
      onBlur={() => setTyping(false)}
      onOptionSelect={(_, { optionValue }) => {
        setTyping(false);
        onChange(optionValue ?? null);
      }}
    >
      {(found.data?.items ?? []).map((item) => (
        <Option key={item.id} value={item.id} text={item.name}>
          {item.name}
        </Option>
      ))}
    </Combobox>
  );
}
