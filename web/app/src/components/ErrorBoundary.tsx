import { Component, type ReactNode } from "react";
import { ProblemState } from "./ProblemState.tsx";

interface State {
  problem: Error | null;
}

/** Keeps what breaks from breaking what is around it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { problem: null };

  static getDerivedStateFromError(problem: Error): State {
    return { problem };
  }

  override render() {
    if (!this.state.problem) return this.props.children;
    return <ProblemState problem={this.state.problem} retry={() => this.setState({ problem: null })} isSmall />;
  }
}
