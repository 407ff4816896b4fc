import { useState } from "react";

/** Copies texts, and knows how it went with the last one until told to forget it. */
export function useCopy() {
  const [state, setState] = useState<"ready" | "copied" | "failed">("ready");
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      // No permission, or a page that was not loaded securely.
      setState("failed");
    }
  };
  return { state, copy, forget: () => setState("ready") };
}
