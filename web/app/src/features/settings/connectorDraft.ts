import type { Connector, ConnectorKind, ConnectorSettings, MicrosoftCloud } from "@/api/connectors.ts";

export type Security = "tls" | "start_tls" | "none";
export const SECURITIES: readonly Security[] = ["tls", "start_tls", "none"];
type Proof = "secret" | "certificate";

/** A connector as somebody types it. */
export interface Draft {
  host: string;
  /** Empty: that of the security. */
  port: string;
  security: Security;
  url: string;
  user: string;
  /** Whether one account acts for every user; otherwise each mailbox has a password of its own. */
  hasAccount: boolean;
  account: string;
  tenantId: string;
  clientId: string;
  cloud: MicrosoftCloud;
  proof: Proof;
  /** Whether users come from there too. */
  readsUsers: boolean;
  /** One a line, or with commas between. */
  domains: string;
  secrets: Record<string, string>;
}

const PORTS: Record<Security, number> = { tls: 993, start_tls: 143, none: 143 };
const PORT_MAX = 65_535;

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
    user: "{address}",
    hasAccount: true,
    account: "",
    tenantId: "",
    clientId: "",
    cloud: "global",
    proof: "secret",
    readsUsers: false,
    domains: (settings?.domains ?? []).join("\n"),
    secrets: {},
  };
  if (!settings) return draft;
  if (settings.kind === "microsoft_365") {
    const { tenant_id: tenantId, client_id: clientId, cloud, proof, reads_users: readsUsers } = settings;
    return {
      ...draft,
      tenantId,
      clientId,
      cloud: cloud ?? "global",
      proof: proof ?? "secret",
      readsUsers: readsUsers ?? false,
    };
  }
  const { user, account } = settings;
  const signIn = { user: user ?? draft.user, hasAccount: account != null, account: account ?? "" };
  if (settings.kind !== "imap") return { ...draft, ...signIn, url: settings.url };
  const security = settings.security ?? "tls";
  const port = settings.port === PORTS[security] ? "" : String(settings.port);
  return { ...draft, ...signIn, host: settings.host, security, port };
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
  const account = draft.hasAccount ? draft.account.trim() : null;
  const signIn = { user: draft.user.trim(), account };
  switch (kind) {
    case "microsoft_365": {
      const [tenant_id, client_id] = [draft.tenantId.trim(), draft.clientId.trim()];
      return { kind, tenant_id, client_id, cloud: draft.cloud, proof: draft.proof, reads_users: draft.readsUsers, domains };
    }
    case "imap":
      return { kind, host: draft.host.trim(), port: portOf(draft) ?? 0, security: draft.security, ...signIn, domains };
    default:
      return { kind, url: draft.url.trim(), ...signIn, domains };
  }
}

/** Names of the secrets that a connector like this needs. */
function secretsNeeded(kind: ConnectorKind, { hasAccount, proof }: Draft): string[] {
  if (kind !== "microsoft_365") return hasAccount ? ["password"] : [];
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
    JSON.stringify(Object.entries({ ...settings, domains: [], reads_users: false }).toSorted());
  return plain(settingsOf(kind, draftOf(connector.settings))) === plain(settingsOf(kind, draft));
}

/** Whether nothing is missing that the server would ask for. */
export function isComplete(kind: ConnectorKind, draft: Draft, connector: Connector | null): boolean {
  const { host, url, user, hasAccount, account, tenantId, clientId } = draft;
  const needed = {
    microsoft_365: [tenantId, clientId],
    exchange: [url, user, hasAccount ? account : "none"],
    imap: [host, user, hasAccount ? account : "none"],
    jmap: [url, user, hasAccount ? account : "none"],
    caldav: [url, user, hasAccount ? account : "none"],
  }[kind];
  const given = secretsGiven(kind, draft);
  const keeps = (name: string) => connector !== null && connector.secrets.includes(name) && isSameServer(connector, draft);
  const hasSecrets = secretsNeeded(kind, draft).every((name) => name in given || keeps(name));
  return needed.every((text) => text.trim() !== "") && hasSecrets && (kind !== "imap" || portOf(draft) !== null);
}
