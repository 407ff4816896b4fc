import { useEffect, useRef, useState, type RefObject } from "react";

/** Pixels until somebody has measured, as where nothing is laid out. */
const WIDTH_UNKNOWN = 600;
/** A drawing narrower than this could not be read. */
const WIDTH_MIN = 200;

/** The width of an element as it is laid out: drawings fit it pixel for pixel, so that their text keeps its size. */
export function useWidth<Node extends HTMLElement>(): [RefObject<Node | null>, number] {
  const node = useRef<Node>(null);
  const [width, setWidth] = useState(WIDTH_UNKNOWN);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const measured = Math.round(entry?.contentRect.width ?? 0);
      // Nothing is laid out while its table is shown instead.
      if (measured > 0) setWidth(Math.max(WIDTH_MIN, measured));
    });
    if (node.current) observer.observe(node.current);
    return () => observer.disconnect();
  }, []);
  return [node, width];
}
