import type { ErrorComponentProps } from "@tanstack/react-router";
import { ProblemState } from "@/components/ProblemState.tsx";

export function RouteProblem({ error, reset }: ErrorComponentProps) {
  return <ProblemState problem={error} retry={reset} />;
}
