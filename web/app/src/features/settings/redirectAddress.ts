/** A provider's redirect URL in full: the server knows its public address, or leaves it to the page that asks. */
export function redirectAddress(said: string): string {
  return new URL(said, globalThis.location.origin).href;
}

/** That of a provider which is being added: like those of the others. */
export function redirectAddressOf(id: string, another: string | undefined): string {
  return new URL(`/api/v1/sign-in/${id}/callback`, redirectAddress(another ?? "/")).href;
}
