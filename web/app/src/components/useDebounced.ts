import { useEffect, useRef, useState } from "react";

/** Milliseconds without a keystroke after which a text is taken as typed. */
const PAUSE_MS = 250;

/** A text that is shown at once and told only when somebody pauses. What comes from outside replaces it. */
export function useDebounced(value: string, tell: (value: string) => void): [string, (value: string) => void] {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  const telling = useRef(tell);
  useEffect(() => {
    telling.current = tell;
  });
  if (known !== value) {
    setKnown(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => telling.current(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return [typed, setTyped];
}
