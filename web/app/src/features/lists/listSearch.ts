/** The state of a list as its URL holds it. */
export type ListSearch = Record<never, never>;

export function listSearch(_: Record<string, unknown>): ListSearch {
  return {};
}
