import { FluentProvider, Spinner, webDarkTheme, webLightTheme } from "@fluentui/react-components";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { ApiProblem } from "@/api/client.ts";
import { signInQuery } from "@/api/sign-in.ts";
import { L10nContext } from "@/i18n/L10nContext.tsx";
import { loadL10n, type L10n } from "@/i18n/l10n.ts";
import { router } from "@/routes/router.tsx";
import { Gate } from "./Gate.tsx";
import { PreferencesContext, storePreferences, storedPreferences, type Preferences, type ThemeChoice } from "./preferences.ts";

const RETRIES = 2;

/** Whoever is told that nobody is signed in asks again how to sign in: the session ended. */
function noticeSignedOut(problem: Error) {
  if (!(problem instanceof ApiProblem) || problem.status !== 401) return;
  const { queryKey } = signInQuery();
  if (queries.getQueryData(queryKey)?.user != null) void queries.invalidateQueries({ queryKey });
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: noticeSignedOut }),
  mutationCache: new MutationCache({ onError: noticeSignedOut }),
  defaultOptions: {
    queries: {
      // Server-sent events say when figures moved; until then what is there holds.
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: (failures, problem) =>
        failures < RETRIES && problem instanceof ApiProblem && (problem.status === 0 || problem.status >= 502),
    },
  },
});

/** Everything around the pages: preferences, language, theme, server state, routes. */
export function App() {
  const [preferences, setPreferences] = useState<Preferences>(() =>
    storedPreferences(globalThis.localStorage, navigator.languages),
  );
  const change = useCallback((changed: Partial<Preferences>) => {
    setPreferences((held) => {
      const next = { ...held, ...changed };
      storePreferences(globalThis.localStorage, next);
      return next;
    });
  }, []);
  const l10n = useLoadedL10n(preferences.language);
  const isDark = useIsDark(preferences.theme);
  useEffect(() => {
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
  }, [isDark]);
  const state = useMemo(() => ({ preferences, change }), [preferences, change]);
  return (
    <PreferencesContext value={state}>
      <FluentProvider theme={isDark ? webDarkTheme : webLightTheme} style={{ height: "100%" }}>
        {l10n ? (
          <L10nContext value={l10n}>
            <QueryClientProvider client={queries}>
              <Gate>
                <RouterProvider router={router} />
              </Gate>
            </QueryClientProvider>
          </L10nContext>
        ) : (
          <Spinner style={{ height: "100%" }} />
        )}
      </FluentProvider>
    </PreferencesContext>
  );
}

/** The words of a language; those of the last one stay until they are here. */
function useLoadedL10n(language: Preferences["language"]): L10n | null {
  const [l10n, setL10n] = useState<L10n | null>(null);
  useEffect(() => {
    let isWanted = true;
    void loadL10n(language).then((loaded) => {
      if (!isWanted) return;
      document.documentElement.lang = language;
      setL10n(loaded);
    });
    return () => {
      isWanted = false;
    };
  }, [language]);
  return l10n;
}

const DARK_QUERY = "(prefers-color-scheme: dark)";

function useIsDark(choice: ThemeChoice): boolean {
  const isSystemDark = useSyncExternalStore(
    (changed) => {
      const media = globalThis.matchMedia(DARK_QUERY);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => globalThis.matchMedia(DARK_QUERY).matches,
  );
  return choice === "system" ? isSystemDark : choice === "dark";
}
