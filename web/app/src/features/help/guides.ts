import { queryOptions } from "@tanstack/react-query";
import type { Guide } from "../../../build/guides.ts";
import type { Language } from "@/i18n/l10n.ts";

export type { Guide, GuideNode } from "../../../build/guides.ts";

/** Each guide by its file in every language, in the order in which one needs them. To add one: its files in docs/guide, its line here. */
const GUIDES: Record<Language, string>[] = [
  { en: "enabling", nl: "inschakelen" },
  { en: "connectors", nl: "connectors" },
  { en: "privacy-for-employees", nl: "privacy-voor-medewerkers" },
  { en: "works-council", nl: "ondernemingsraad" },
];

/** One chunk a language. */
const LOADERS: Record<Language, () => Promise<{ guides: Record<string, Guide> }>> = {
  en: () => import("./guides-en.ts"),
  nl: () => import("./guides-nl.ts"),
};

/** Whether some language has a guide of this name. */
export function isGuide(name: string): boolean {
  return GUIDES.some((files) => Object.values(files).includes(name));
}

/** All guides in a language, with the name that their address has. */
export function guidesQuery(language: Language) {
  return queryOptions({ queryKey: ["guides", language], queryFn: () => loadGuides(language), staleTime: Infinity });
}

async function loadGuides(language: Language) {
  const { guides } = await LOADERS[language]();
  const inFile = (file: string) => Object.entries(guides).find(([path]) => path.endsWith(`/${file}.md`))?.[1];
  return GUIDES.flatMap((files) => {
    const guide = inFile(files[language]);
    return guide ? [{ name: files.en, names: Object.values(files), guide }] : [];
  });
}
