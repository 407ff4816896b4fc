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
// jsdom lays nothing out, so that everything would be hidden to Tabster: it would not bring the focus into a dialog, and now and then hide
// the dialog itself.
Object.defineProperty(HTMLElement.prototype, "offsetParent", {
  get(this: HTMLElement) {
    return this.parentElement;
  },
});
document.body.getBoundingClientRect = () => new DOMRect(0, 0, innerWidth, innerHeight);
Element.prototype.scrollTo = () => undefined;
Element.prototype.scrollIntoView = () => undefined;
globalThis.matchMedia = (query) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;
