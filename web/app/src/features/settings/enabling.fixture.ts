import type { Enabling } from "@/api/enabling.ts";

type Deep = Omit<Partial<Enabling>, "mailbox" | "consent" | "geography"> & {
  mailbox?: Partial<Enabling["mailbox"]>;
  consent?: Partial<Enabling["consent"]>;
  geography?: Partial<Enabling["geography"]>;
};

/** What the API answers where everything is on and consented to, but for what a test says. */
export function enablingOf({ mailbox, consent, geography, ...rest }: Deep): Enabling {
  return {
    premium_since: "2026-11-01T09:00:00Z",
    enabled_at: "2026-11-02T09:00:00Z",
    relationship_analytics: true,
    who_knows_whom: true,
    mailbox: {
      is_on: true,
      is_used: true,
      keeps_stored: false,
      withheld: 0,
      deleted_by: null,
      all_roles: false,
      roles: [
        { name: "Sales Manager", users: 1, is_chosen: false },
        { name: "Salesperson", users: 3, is_chosen: false },
      ],
      excluded_groups: [{ name: "Board", users: 1, is_chosen: false }],
      users: 4,
      selected_users: 3,
      notice_days: 7,
      noticed_users: 3,
      capture_from: "2026-12-01T09:00:00Z",
      ...mailbox,
    },
    consent: {
      state: "granted",
      since: "2026-11-03T09:00:00Z",
      text: "agreed by the board",
      deadline: null,
      days_left: null,
      delete_live_by: null,
      delete_backups_by: null,
      ...consent,
    },
    geography: {
      state: "eligible",
      source: "declared",
      location: "Utrecht",
      regions: ["EUR"],
      accepts_declared: true,
      ...geography,
    },
    ...rest,
  };
}
