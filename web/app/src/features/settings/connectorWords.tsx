import {
  ArrowSyncRegular,
  CheckmarkCircleRegular,
  ClockRegular,
  ErrorCircleRegular,
  PauseCircleRegular,
  ProhibitedRegular,
} from "@fluentui/react-icons";
import type { Connector, ConnectorKind, ConnectorSettings, Counts, Mailbox } from "@/api/connectors.ts";
import type { MessageId } from "@/i18n/message-ids";

/** What a connector can speak, the most usual first. */
export const KINDS = ["microsoft_365", "exchange", "imap", "jmap", "caldav"] as const satisfies readonly ConnectorKind[];

export const KIND_WORDS: Record<ConnectorKind, { label: MessageId; text: MessageId }> = {
  microsoft_365: { label: "connector-kind-microsoft", text: "connector-kind-microsoft-text" },
  exchange: { label: "connector-kind-exchange", text: "connector-kind-exchange-text" },
  imap: { label: "connector-kind-imap", text: "connector-kind-imap-text" },
  jmap: { label: "connector-kind-jmap", text: "connector-kind-jmap-text" },
  caldav: { label: "connector-kind-caldav", text: "connector-kind-caldav-text" },
};

type Color = "success" | "brand" | "informative" | "warning" | "danger" | "subtle";

/** How capture of a mailbox can stand, what needs somebody first. */
export const STATES = ["failing", "history", "waiting", "current", "paused", "not_allowed"] as const;
export type MailboxState = (typeof STATES)[number];

export const STATE_WORDS: Record<MailboxState, { label: MessageId; color: Color; icon: typeof ClockRegular }> = {
  failing: { label: "mailbox-failing", color: "danger", icon: ErrorCircleRegular },
  history: { label: "mailbox-history", color: "brand", icon: ArrowSyncRegular },
  waiting: { label: "mailbox-waiting", color: "informative", icon: ClockRegular },
  current: { label: "mailbox-current", color: "success", icon: CheckmarkCircleRegular },
  paused: { label: "mailbox-paused", color: "warning", icon: PauseCircleRegular },
  not_allowed: { label: "mailbox-not-allowed", color: "informative", icon: ProhibitedRegular },
};

/** The state of a mailbox as this page knows it; one that it does not know has not come to its turn. */
export function stateOf({ state }: Mailbox): MailboxState {
  return STATES.find((known) => known === state) ?? "waiting";
}

/** States that some mailbox has, each with how many have it. */
export function statesOf({ mailboxes }: Connector): [MailboxState, number][] {
  return STATES.map((state): [MailboxState, number] => [
    state,
    mailboxes.filter((mailbox) => stateOf(mailbox) === state).length,
  ]).filter(([, count]) => count > 0);
}

/** Where a connector listens, as one reads it. */
export function serverOf(settings: ConnectorSettings): string {
  switch (settings.kind) {
    case "imap":
      return `${settings.host}:${settings.port}`;
    case "microsoft_365":
      return settings.tenant_id;
    default:
      return settings.url;
  }
}

export function excludedOf({ excluded }: Counts): number {
  return Object.values(excluded).reduce((sum, count) => sum + count, 0);
}
