import type { ReactNode } from "react";

interface Props {
  /** Its path in the API's answer. */
  path: string;
  value: number | string | null | undefined;
  className?: string;
  children: ReactNode;
}

/** A figure as it is written, with the API's own value behind it: what tests and tools read. */
export function Figure({ path, value, className, children }: Props) {
  return (
    <span data-figure={path} data-value={value ?? ""} className={className}>
      {children}
    </span>
  );
}
