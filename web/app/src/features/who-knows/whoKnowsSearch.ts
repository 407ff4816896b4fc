/** The state of the search page as its URL holds it. */
export interface WhoKnowsSearch {
  /** An address, a domain, or a reference such as `contact:c1`. */
  target?: string;
  /** 2 = also paths over one external person. */
  hops?: 2;
}

export function whoKnowsSearch({ target, hops }: Record<string, unknown>): WhoKnowsSearch {
  return { target: typeof target === "string" && target.trim() !== "" ? target : undefined, hops: hops === 2 ? 2 : undefined };
}
