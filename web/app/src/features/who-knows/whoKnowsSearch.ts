/** The state of the search page as its URL holds it. */
export interface WhoKnowsSearch {
  /** An address, a domain or a record's id. */
  target?: string;
}

export function whoKnowsSearch(search: Record<string, unknown>): WhoKnowsSearch {
  const { target } = search;
  return { target: typeof target === "string" && target.trim() !== "" ? target : undefined };
}
