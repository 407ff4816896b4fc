/** The state of a record page as its URL holds it. */
export interface RecordSearch {
  tab?: "analytics";
  /** The moment that the page is shown as of; now if absent. */
  as_of?: string;
}

export function recordSearch(search: Record<string, unknown>): RecordSearch {
  const { tab, as_of } = search;
  return {
    tab: tab === "analytics" ? tab : undefined,
    as_of: typeof as_of === "string" && !Number.isNaN(Date.parse(as_of)) ? as_of : undefined,
  };
}
