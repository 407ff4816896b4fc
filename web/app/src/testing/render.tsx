import { FluentProvider, webLightTheme } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterContextProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { useState, type ReactNode } from "react";
import { PreferencesContext, type Preferences } from "@/frame/preferences.ts";
import { messages as englishSettings } from "@/i18n/en-settings.ts";
import { messages as english } from "@/i18n/en.ts";
import { L10nContext } from "@/i18n/L10nContext.tsx";
import { l10nOf, type Language } from "@/i18n/l10n.ts";
import { messages as dutchSettings } from "@/i18n/nl-settings.ts";
import { messages as dutch } from "@/i18n/nl.ts";

interface Options {
  language?: Language;
  viewer?: string | null;
}

const L10NS = { en: l10nOf("en", [...english, ...englishSettings]), nl: l10nOf("nl", [...dutch, ...dutchSettings]) };

/** Renders something with all that a page has around it; `answers` of `fakeApi` stand for the server. */
export function renderPage(node: ReactNode, { language = "en", viewer = null }: Options = {}) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const root = createRootRoute({ component: Outlet });
  const any = createRoute({ getParentRoute: () => root, path: "$" });
  const router = createRouter({ routeTree: root.addChildren([any]), history: createMemoryHistory() });
  return render(
    <PreferencesHolder language={language} viewer={viewer}>
      <L10nContext value={L10NS[language]}>
        <FluentProvider theme={webLightTheme}>
          <QueryClientProvider client={queries}>
            <RouterContextProvider router={router}>{node}</RouterContextProvider>
          </QueryClientProvider>
        </FluentProvider>
      </L10nContext>
    </PreferencesHolder>,
  );
}

function PreferencesHolder({ language, viewer, children }: { language: Language; viewer: string | null; children: ReactNode }) {
  const [preferences, setPreferences] = useState<Preferences>({ language, viewer, theme: "light", isNavigationNarrow: false });
  const change = (changed: Partial<Preferences>) => setPreferences((held) => ({ ...held, ...changed }));
  return <PreferencesContext value={{ preferences, change }}>{children}</PreferencesContext>;
}
