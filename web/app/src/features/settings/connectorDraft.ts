import type { Connector, ConnectorKind, ConnectorSettings, MicrosoftCloud, OAuthService } from "@/api/connectors.ts";

export type Security = "tls" | "start_tls" | "none";
export const SECURITIES: readonly Security[] = ["tls", "start_tls", "none"];
type Proof = "secret" | "certificate";
type Reads = "mailboxes" | "message_traces";
/** One account acts for every user, each mailbox has a password of its own, or a service has tokens that open mailboxes (IMAP alone). */
export type SignInWay = "account" | "own" | "client_credentials" | "service_account";

/** A connector as somebody types it. */
export interface Draft {
  host: string;
  /** Empty: that of the security. */
  port: string;
  security: Security;
  url: string;
  /** JMAP: whether passwords are tokens of the provider. */
  usesToken: boolean;
  user: string;
  way: SignInWay;
  account: string;
  tokenUrl: string;
  /** Empty: the usual one. */
  scope: string;
  tenantId: string;
  clientId: string;
  cloud: MicrosoftCloud;
  proof: Proof;
  /** Whether users come from there too. */
  readsUsers: boolean;
  reads: Reads;
  /** One a line, or with commas between. */
  domains: string;
  secrets: Record<string, string>;
}

const PORTS: Record<Security, number> = { tls: 993, start_tls: 143, none: 143 };
const PORT_MAX = 65_535;
/** What tokens are for, unless something else is typed. */
const SCOPES = { client_credentials: "https://outlook.office365.com/.default", service_account: "https://mail.google.com/" };

/** The usual scope of a way to sign in; null for those without tokens. */
export function usualScope(way: SignInWay): string | null {
  return way === "client_credentials" || way === "service_account" ? SCOPES[way] : null;
}

export function usualPort(security: Security): number {
  return PORTS[security];
}

/** What is known of a connector, or an empty form. Secrets are told to nobody: their fields begin empty. */
export function draftOf(settings: ConnectorSettings | null): Draft {
  const draft: Draft = {
    host: "",
    port: "",
    security: "tls",
    url: "",
    usesToken: false,
    user: "{address}",
    way: "account",
    account: "",
    tokenUrl: "",
    scope: "",
    tenantId: "",
    clientId: "",
    cloud: "global",
    proof: "secret",
    readsUsers: false,
    reads: "mailboxes",
    domains: (settings?.domains ?? []).join("\n"),
    secrets: {},
  };
  if (!settings) return draft;
  if (settings.kind === "microsoft_365") {
    const { tenant_id, client_id, cloud = "global", proof = "secret", reads = "mailboxes", reads_users = false } = settings;
    return { ...draft, tenantId: tenant_id, clientId: client_id, cloud, proof, reads, readsUsers: reads_users };
  }
  const { user, account } = settings;
  const way: SignInWay = account == null ? "own" : "account";
  const signIn = { user: user ?? draft.user, way, account: account ?? "" };
  if (settings.kind === "jmap") return { ...draft, ...signIn, url: settings.url, usesToken: settings.uses_token ?? false };
  if (settings.kind !== "imap") return { ...draft, ...signIn, url: settings.url };
  const security = settings.security ?? "tls";
  const port = settings.port === PORTS[security] ? "" : String(settings.port);
  return { ...draft, ...signIn, ...byToken(settings.oauth), host: settings.host, security, port };
}

function byToken(service: OAuthService | null | undefined): Partial<Draft> {
  if (!service) return {};
  const known = { way: service.grant, scope: service.scope === SCOPES[service.grant] ? "" : (service.scope ?? "") };
  return service.grant === "client_credentials" ? { ...known, tokenUrl: service.token_url, clientId: service.client_id } : known;
}

function serviceOf({ way, tokenUrl, clientId, scope }: Draft): OAuthService | null {
  if (way === "client_credentials") {
    return { grant: way, token_url: tokenUrl.trim(), client_id: clientId.trim(), scope: scope.trim() || SCOPES[way] };
  }
  return way === "service_account" ? { grant: way, scope: scope.trim() || SCOPES[way] } : null;
}

/** The port of a draft; null: what is typed is none. */
export function portOf({ port, security }: Draft): number | null {
  if (port.trim() === "") return PORTS[security];
  const typed = Number(port);
  return Number.isInteger(typed) && typed > 0 && typed <= PORT_MAX ? typed : null;
}

/** What a draft says, as it is sent; the server has the last word on it. */
export function settingsOf(kind: ConnectorKind, draft: Draft): ConnectorSettings {
  const domains = draft.domains.split(/[\s,]+/).filter((domain) => domain !== "");
  const account = draft.way === "account" ? draft.account.trim() : null;
  const signIn = { user: draft.user.trim(), account };
  switch (kind) {
    case "microsoft_365": {
      const [tenant_id, client_id] = [draft.tenantId.trim(), draft.clientId.trim()];
      const { cloud, proof, reads, readsUsers } = draft;
      return { kind, tenant_id, client_id, cloud, proof, reads, reads_users: readsUsers, domains };
    }
    case "imap": {
      const [host, oauth] = [draft.host.trim(), serviceOf(draft)];
      return { kind, host, port: portOf(draft) ?? 0, security: draft.security, ...signIn, ...(oauth && { oauth }), domains };
    }
    case "jmap":
      return { kind, url: draft.url.trim(), ...signIn, uses_token: draft.usesToken, domains };
    default:
      return { kind, url: draft.url.trim(), ...signIn, domains };
  }
}

const SECRETS: Record<SignInWay, string[]> = {
  account: ["password"],
  own: [],
  client_credentials: ["client_secret"],
  service_account: ["service_account"],
};

/** Names of the secrets that a connector like this needs. */
function secretsNeeded(kind: ConnectorKind, { way, proof }: Draft): string[] {
  if (kind !== "microsoft_365") return SECRETS[way];
  return proof === "secret" ? ["client_secret"] : ["private_key", "certificate"];
}

/** The secrets that were typed. */
export function secretsGiven(kind: ConnectorKind, draft: Draft): Record<string, string> {
  const given = secretsNeeded(kind, draft).map((name): [string, string] => [name, draft.secrets[name] ?? ""]);
  return Object.fromEntries(given.filter(([, secret]) => secret.trim() !== ""));
}

/** Whether a draft is of the same server and account as a connector: only then does the server keep a secret that is not given anew. */
export function isSameServer(connector: Connector, draft: Draft): boolean {
  const { kind } = connector.settings;
  const plain = (settings: ConnectorSettings) =>
    JSON.stringify(Object.entries({ ...settings, domains: [], reads: "mailboxes", reads_users: false }).toSorted());
  return plain(settingsOf(kind, draftOf(connector.settings))) === plain(settingsOf(kind, draft));
}

/** Whether nothing is missing that the server would ask for. */
export function isComplete(kind: ConnectorKind, draft: Draft, connector: Connector | null): boolean {
  const { host, url, user, way, account, tenantId, clientId, tokenUrl } = draft;
  const signIn = { account: [account], own: [], client_credentials: [tokenUrl, clientId], service_account: [] }[way];
  const needed = {
    microsoft_365: [tenantId, clientId],
    exchange: [url, user, ...signIn],
    imap: [host, user, ...signIn],
    jmap: [url, user, ...signIn],
    caldav: [url, user, ...signIn],
  }[kind];
  const given = secretsGiven(kind, draft);
  const keeps = (name: string) => connector !== null && connector.secrets.includes(name) && isSameServer(connector, draft);
  const hasSecrets = secretsNeeded(kind, draft).every((name) => name in given || keeps(name));
  return needed.every((text) => text.trim() !== "") && hasSecrets && (kind !== "imap" || portOf(draft) !== null);
}
