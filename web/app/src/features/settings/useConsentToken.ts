import { useEffect, useSyncExternalStore } from "react";

const KEY = "rapport-consent-link";

/** The secret behind `#` of a consent link, also after a sign-in elsewhere brought the browser back without it; null: there is none. */
export function useConsentToken(): string | null {
  const said = useSyncExternalStore(onAddress, () => globalThis.location.hash.slice(1));
  useEffect(() => {
    if (said !== "") keep(said);
  }, [said]);
  return said === "" ? kept() : said;
}

/** Whoever puts another link into the same window is shown that one. */
function onAddress(changed: () => void): () => void {
  globalThis.addEventListener("hashchange", changed);
  return () => globalThis.removeEventListener("hashchange", changed);
}

function keep(token: string): void {
  try {
    globalThis.sessionStorage.setItem(KEY, token);
  } catch {
    // Then the link is opened once more after signing in.
  }
}

function kept(): string | null {
  try {
    return globalThis.sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
