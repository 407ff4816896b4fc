import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export const CLIENT = { id: "rapport-e2e", secret: "a secret of the client" };

export interface RealProvider {
  issuer: string;
  stop: () => void;
}

/** What the provider says of whoever administers the tenant, in the claim `roles`. */
const ADMINISTRATOR = "tenant-admin";
/** The rule by which Rapport knows them. */
export const ADMINISTRATORS = `roles=${ADMINISTRATOR}`;

/** A real OpenID provider on a port of its own: whoever types a name there is that name's address; `tina` administers the tenant. */
export async function realProvider(redirectTo: string): Promise<RealProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectTo] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "roles"] },
    // Claims stand in the ID token, as with the large providers.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ["a key of this test"] },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@us.example`,
        email_verified: true,
        name: id,
        roles: id === "tina" ? ["staff", ADMINISTRATOR] : ["staff"],
      }),
    }),
  });
  const answer = provider.callback();
  server.on("request", (request, response) => void answer(request, response));
  return { issuer, stop: () => server.close() };
}
