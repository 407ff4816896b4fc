import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import { negotiateLanguages } from "@fluent/langneg";
import type { MessageId } from "./message-ids";

/** Languages of every page. To add one: its folder of messages here, its line in `LANGUAGES` and `LOADERS`. */
export const LANGUAGES = ["en", "nl"] as const;
export type Language = (typeof LANGUAGES)[number];

type MessageArguments = Record<string, FluentVariable>;

/** The words of one language. */
export interface L10n {
  language: Language;
  /** The text of a message. A missing one shows its id rather than nothing; a test keeps that from happening. */
  t: (id: MessageId, args?: MessageArguments) => string;
}

/** One chunk a language: nobody loads words of another one. */
const LOADERS: Record<Language, () => Promise<{ messages: string[] }>> = {
  en: () => import("./en.ts"),
  nl: () => import("./nl.ts"),
};

/** The words of settings and privacy: only their pages load them. */
const SETTINGS_LOADERS: typeof LOADERS = {
  en: () => import("./en-settings.ts"),
  nl: () => import("./nl-settings.ts"),
};

/** The language of ours that suits best what somebody reads. */
export function preferredLanguage(wanted: readonly string[]): Language {
  const [best] = negotiateLanguages(wanted, LANGUAGES, { defaultLocale: "en", strategy: "lookup" });
  return LANGUAGES.find((language) => language === best) ?? "en";
}

export async function loadL10n(language: Language): Promise<L10n> {
  const { messages } = await LOADERS[language]();
  return l10nOf(language, messages);
}

/** The same language with the words of settings and privacy. */
export async function withSettings(base: L10n): Promise<L10n> {
  const { messages } = await SETTINGS_LOADERS[base.language]();
  return l10nOf(base.language, messages, base);
}

/** The words of some message files; what they lack is found in `base`. */
export function l10nOf(language: Language, messages: string[], base?: L10n): L10n {
  // Both languages run left to right: isolation marks would only disturb whoever copies a text.
  const bundle = new FluentBundle(language, { useIsolating: false });
  for (const text of messages) bundle.addResource(new FluentResource(text));
  return {
    language,
    t(id, args) {
      const pattern = bundle.getMessage(id)?.value;
      if (pattern) return bundle.formatPattern(pattern, args ?? null, []);
      return base ? base.t(id, args) : id;
    },
  };
}
