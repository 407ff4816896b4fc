import { createContext, use } from "react";
import { LANGUAGES, preferredLanguage, type Language } from "@/i18n/l10n.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type ThemeChoice = (typeof THEMES)[number];

/** What somebody chose in this browser. */
export interface Preferences {
  language: Language;
  theme: ThemeChoice;
  /** Whose relationships "my" are. */
  viewer: string | null;
  isNavigationNarrow: boolean;
}

const KEY = "rapport-preferences";

export function storedPreferences(storage: Storage, languages: readonly string[]): Preferences {
  const defaults: Preferences = {
    language: preferredLanguage(languages),
    theme: "system",
    viewer: null,
    isNavigationNarrow: false,
  };
  try {
    const stored: unknown = JSON.parse(storage.getItem(KEY) ?? "{}");
    if (typeof stored !== "object" || stored === null) return defaults;
    const { language, theme, viewer, isNavigationNarrow } = stored as Record<string, unknown>;
    return {
      language: LANGUAGES.find((known) => known === language) ?? defaults.language,
      theme: THEMES.find((known) => known === theme) ?? defaults.theme,
      viewer: typeof viewer === "string" && viewer !== "" ? viewer : null,
      isNavigationNarrow: isNavigationNarrow === true,
    };
  } catch {
    // A private window without storage, or somebody's own text there: the defaults serve.
    return defaults;
  }
}

export function storePreferences(storage: Storage, preferences: Preferences): void {
  try {
    storage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Then they hold until the window closes.
  }
}

export interface PreferencesState {
  preferences: Preferences;
  change: (change: Partial<Preferences>) => void;
}

export const PreferencesContext = createContext<PreferencesState | null>(null);

export function usePreferences(): PreferencesState {
  const state = use(PreferencesContext);
  if (!state) throw new Error("there is no PreferencesContext above");
  return state;
}
