/** The state of a record page as its URL holds it. */
export interface RecordSearch {
  tab?: "analytics";
  /** The moment that the page is shown as of; now if absent. */
  as_of?: string;
}

/** A moment as the API takes it (RFC 3339). */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

export function recordSearch(search: Record<string, unknown>): RecordSearch {
  const { tab, as_of } = search;
  return {
    tab: tab === "analytics" ? tab : undefined,
    as_of: typeof as_of === "string" && MOMENT.test(as_of) && !Number.isNaN(Date.parse(as_of)) ? as_of : undefined,
  };
}
