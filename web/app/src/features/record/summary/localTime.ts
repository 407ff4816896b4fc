/** A moment as `<input type="datetime-local">` writes it, in the organization's time zone. */
export function localInput(moment: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(new Date(moment));
  return parts.replace(" ", "T");
}

/** The moment of a local time. Where clocks go back an hour it is the earlier of the two. */
export function momentOf(local: string, timeZone: string): string {
  const asUtc = Date.parse(`${local}:00Z`);
  let at = asUtc;
  // Once for the zone's distance, once more where that first guess lay beyond a change of clocks.
  for (let round = 0; round < 2; round += 1)
    at = asUtc - (Date.parse(`${localInput(new Date(at).toISOString(), timeZone)}:00Z`) - at);
  return new Date(at).toISOString();
}
