import { useSyncExternalStore } from "react";

const NARROW = "(max-width: 600px)";

function subscribe(changed: () => void): () => void {
  const media = globalThis.matchMedia(NARROW);
  media.addEventListener("change", changed);
  return () => media.removeEventListener("change", changed);
}

/** Whether the page is as narrow as a phone. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => globalThis.matchMedia(NARROW).matches);
}
