import { Button, Field, Input } from "@fluentui/react-components";
import { EyeOffRegular, EyeRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { ApiProblem } from "@/api/client.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";

interface Props {
  value: string;
  onChange: (value: string) => void;
  /** Characters at least. */
  minimum: number;
  problem: Error | null;
}

/** A password that somebody makes up: typed once, and looked at before it holds. */
export function NewPassword({ value, onChange, minimum, problem }: Props) {
  const { t } = useL10n();
  const [isShown, setShown] = useState(false);
  const hint = problem instanceof ApiProblem && problem.hint ? ` ${problem.hint}` : "";
  return (
    <Field
      label={t("new-password")}
      hint={t("new-password-hint", { minimum })}
      validationMessage={problem ? `${problem.message}${hint}` : undefined}
    >
      <Input
        type={isShown ? "text" : "password"}
        autoComplete="new-password"
        required
        minLength={minimum}
        value={value}
        onChange={(_, data) => onChange(data.value)}
        contentAfter={
          <Button
            appearance="transparent"
            size="small"
            icon={isShown ? <EyeOffRegular /> : <EyeRegular />}
            aria-label={t("new-password-show")}
            aria-pressed={isShown}
            onClick={() => setShown(!isShown)}
          />
        }
      />
    </Field>
  );
}
