import {
  Button,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from "@fluentui/react-components";
import { LocalLanguageRegular } from "@fluentui/react-icons";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { LANGUAGES, type Language } from "@/i18n/l10n.ts";
import type { MessageId } from "@/i18n/message-ids";
import { THEMES, usePreferences, type ThemeChoice } from "./preferences.ts";

/** Each language by its own name: whoever looks for it may not read the other. */
const LANGUAGE_NAMES: Record<Language, string> = { en: "English", nl: "Nederlands" };
const THEME_LABELS: Record<ThemeChoice, MessageId> = { system: "theme-system", light: "theme-light", dark: "theme-dark" };

/** Language and theme. */
export function PreferencesMenu() {
  const { t } = useL10n();
  const { preferences, change } = usePreferences();
  const choose = (name: string, chosen: string | undefined) => {
    const language = LANGUAGES.find((known) => known === chosen);
    const theme = THEMES.find((known) => known === chosen);
    if (name === "language" && language) change({ language });
    if (name === "theme" && theme) change({ theme });
  };
  return (
    <Menu
      checkedValues={{ language: [preferences.language], theme: [preferences.theme] }}
      onCheckedValueChange={(_, data) => choose(data.name, data.checkedItems[0])}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="transparent" icon={<LocalLanguageRegular />} aria-label={t("frame-preferences")} />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuGroup>
            <MenuGroupHeader>{t("frame-language")}</MenuGroupHeader>
            {LANGUAGES.map((language) => (
              <MenuItemRadio key={language} name="language" value={language} lang={language}>
                {LANGUAGE_NAMES[language]}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
          <MenuGroup>
            <MenuGroupHeader>{t("frame-theme")}</MenuGroupHeader>
            {THEMES.map((theme) => (
              <MenuItemRadio key={theme} name="theme" value={theme}>
                {t(THEME_LABELS[theme])}
              </MenuItemRadio>
            ))}
          </MenuGroup>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
