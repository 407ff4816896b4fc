import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);
// A machine that is busy with other builds is no failure.
configure({ asyncUtilTimeout: 5_000 });

// What jsdom lacks and pages ask for.
class NoResizeObserver {
  observe() {
    // Nothing is laid out here, so nothing is resized.
  }
  unobserve() {
    // As above.
  }
  disconnect() {
    // As above.
  }
}
globalThis.ResizeObserver = NoResizeObserver;
Element.prototype.scrollTo = () => undefined;
Element.prototype.scrollIntoView = () => undefined;
globalThis.matchMedia = (query) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;
