import { Button, Dropdown, Field, Input, Option } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { putSetting, type Setting } from "@/api/settings.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { CHOICES, tasksOfSetting, VALUE_LABELS } from "./settingTexts.ts";
import styles from "./Settings.module.css";
import { useMay } from "./useMay.ts";
import { WhoMay } from "./WhoMay.tsx";

interface Props {
  setting: Setting;
  label: string;
  /** Whether to say beside this one who may set it, where the page does not say it for all. */
  saysWho?: boolean;
}

/** One setting: a choice is taken at once, what is typed when it is saved. Whoever may not set it reads it. */
export function SettingRow({ setting, label, saysWho = false }: Props) {
  const { t } = useL10n();
  const queries = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: (value: string) => putSetting(setting.key, value),
    onSuccess: async () => {
      setTyped(null);
      // Every figure depends on settings.
      await queries.invalidateQueries();
    },
  });
  const value = setting.value;
  const may = useMay();
  const choices = CHOICES[setting.key];
  const word = (choice: string) => {
    const known = VALUE_LABELS[choice];
    return known ? t(known) : choice;
  };
  if (!may(...tasksOfSetting(setting.key))) {
    return (
      <Field label={label} hint={saysWho ? <WhoMay what="configure" /> : undefined} className={styles.setting}>
        <Input readOnly value={choices ? word(value) : value} />
      </Field>
    );
  }
  return (
    <Field label={label} validationMessage={save.error?.message} className={styles.setting}>
      {choices ? (
        <Dropdown
          value={word(value)}
          selectedOptions={[value]}
          disabled={save.isPending}
          onOptionSelect={(_, { optionValue }) => optionValue && save.mutate(optionValue)}
        >
          {choices.map((choice) => (
            <Option key={choice} value={choice}>
              {word(choice)}
            </Option>
          ))}
        </Dropdown>
      ) : (
        <Input
          value={typed ?? value}
          onChange={(_, data) => setTyped(data.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && typed !== null) save.mutate(typed);
          }}
          contentAfter={
            typed !== null && typed !== value ? (
              <Button size="small" disabled={save.isPending} onClick={() => save.mutate(typed)}>
                {t("action-save")}
              </Button>
            ) : undefined
          }
        />
      )}
    </Field>
  );
}
