import type { Me } from "@/api/people.ts";
import type { MessageId } from "@/i18n/message-ids";
import {
  AppsListDetailRegular,
  ArrowUploadRegular,
  BoardRegular,
  BookQuestionMarkRegular,
  BuildingRegular,
  CertificateRegular,
  ClipboardTaskListLtrRegular,
  ContactCardRegular,
  DataTrendingRegular,
  FormRegular,
  HandshakeRegular,
  HeartPulseRegular,
  HomeRegular,
  LightbulbRegular,
  LockShieldRegular,
  MoneyRegular,
  PeopleCommunityRegular,
  PeopleRegular,
  PeopleTeamRegular,
  PersonArrowRightRegular,
  PersonKeyRegular,
  PersonLightbulbRegular,
  PlugConnectedRegular,
  QuestionCircleRegular,
  SettingsRegular,
  ShieldRegular,
  SparkleRegular,
  TargetArrowRegular,
} from "@fluentui/react-icons";

/** What somebody may do, as the server says. */
type Rights = Me["rights"];
export type Task = "configure" | "customize" | "manage_users" | "consent" | "privacy" | "audit";

const readsRecords = (rights: Rights) => rights.reads !== "none";
const mayAny =
  (...tasks: Task[]) =>
  (rights: Rights) =>
    tasks.some((task) => rights.tasks.includes(task));
const hasSettings = mayAny("configure", "customize", "consent", "privacy");

/** A page in the site map. */
interface SitePage {
  label: MessageId;
  path: string;
  icon: typeof HomeRegular;
  /** Who is shown it; everybody if absent. What the page shows, the server decides. */
  isFor?: (rights: Rights) => boolean;
}

/** What the area switcher switches between. */
export interface Area {
  label: MessageId;
  icon: typeof HomeRegular;
  groups: { label: MessageId; pages: SitePage[] }[];
}

/** The site map. To add a page: its line here, its route in `routes/router.tsx`. */
export const AREAS: Area[] = [
  {
    label: "area-sales",
    icon: DataTrendingRegular,
    groups: [
      { label: "group-my-work", pages: [{ label: "page-dashboard", path: "/", icon: HomeRegular, isFor: readsRecords }] },
      {
        label: "group-customers",
        pages: [
          { label: "table-accounts", path: "/accounts", icon: BuildingRegular, isFor: readsRecords },
          { label: "table-contacts", path: "/contacts", icon: ContactCardRegular, isFor: readsRecords },
        ],
      },
      {
        label: "group-sales",
        pages: [
          { label: "table-leads", path: "/leads", icon: PersonLightbulbRegular, isFor: readsRecords },
          { label: "table-opportunities", path: "/opportunities", icon: MoneyRegular, isFor: readsRecords },
        ],
      },
      {
        label: "group-introductions",
        pages: [
          { label: "page-who-knows", path: "/who-knows", icon: PeopleTeamRegular, isFor: readsRecords },
          { label: "page-introductions", path: "/introductions", icon: HandshakeRegular },
        ],
      },
    ],
  },
  {
    label: "area-insights-settings",
    icon: LightbulbRegular,
    groups: [
      {
        label: "group-insights-settings",
        pages: [
          { label: "page-overview", path: "/settings/overview", icon: BoardRegular, isFor: hasSettings },
          { label: "page-health", path: "/settings/health", icon: HeartPulseRegular, isFor: mayAny("configure", "customize") },
          {
            label: "page-evaluation",
            path: "/settings/evaluation",
            icon: TargetArrowRegular,
            isFor: mayAny("configure", "customize"),
          },
          {
            label: "page-who-knows",
            path: "/settings/who-knows",
            icon: PeopleTeamRegular,
            isFor: mayAny("configure", "customize"),
          },
          { label: "page-forms", path: "/settings/forms", icon: FormRegular },
          { label: "page-data", path: "/settings/data", icon: SettingsRegular, isFor: hasSettings },
          {
            label: "page-connectors",
            path: "/settings/connectors",
            icon: PlugConnectedRegular,
            isFor: mayAny("configure", "consent", "privacy"),
          },
          { label: "page-imports", path: "/settings/imports", icon: ArrowUploadRegular, isFor: mayAny("configure") },
        ],
      },
      {
        label: "group-premium",
        pages: [{ label: "page-premium", path: "/settings/premium", icon: SparkleRegular, isFor: mayAny("configure") }],
      },
    ],
  },
  {
    label: "area-app-settings",
    icon: AppsListDetailRegular,
    groups: [
      {
        label: "group-app-settings",
        pages: [
          { label: "page-users", path: "/settings/users", icon: PeopleRegular },
          { label: "page-roles", path: "/settings/roles", icon: LockShieldRegular, isFor: mayAny("manage_users") },
          {
            label: "page-providers",
            path: "/settings/providers",
            icon: PersonKeyRegular,
            isFor: mayAny("manage_users", "consent"),
          },
          { label: "page-audit", path: "/settings/audit", icon: ClipboardTaskListLtrRegular, isFor: mayAny("audit") },
        ],
      },
    ],
  },
  {
    label: "area-privacy",
    icon: ShieldRegular,
    groups: [
      {
        label: "group-privacy",
        pages: [
          { label: "page-privacy", path: "/privacy", icon: ShieldRegular },
          { label: "page-privacy-requests", path: "/privacy-requests", icon: PersonArrowRightRegular, isFor: mayAny("privacy") },
          { label: "page-works-council", path: "/works-council", icon: PeopleCommunityRegular },
          { label: "page-why", path: "/why", icon: QuestionCircleRegular },
          { label: "page-licences", path: "/licences", icon: CertificateRegular },
          { label: "page-help", path: "/help", icon: BookQuestionMarkRegular },
        ],
      },
    ],
  },
];

/** The areas with what somebody has use for; all before it is known who looks. */
export function areasFor(rights: Rights | undefined): Area[] {
  if (!rights) return AREAS;
  const pagesFor = (group: Area["groups"][number]) => group.pages.filter(({ isFor }) => isFor?.(rights) ?? true);
  const groupsFor = (area: Area) =>
    area.groups.map((group) => ({ ...group, pages: pagesFor(group) })).filter(({ pages }) => pages.length > 0);
  return AREAS.map((area) => ({ ...area, groups: groupsFor(area) })).filter(({ groups }) => groups.length > 0);
}

/** The area that a path belongs to; a page that is not in the site map belongs to the one that leads to it. */
export function areaOf(path: string): Area {
  if (path === "/settings/consent") return areaOf("/settings/overview");
  if (path === "/account") return areaOf("/privacy");
  const found = AREAS.find((area) => area.groups.some((group) => group.pages.some((page) => isWithin(path, page.path))));
  return found ?? (AREAS[0] as Area);
}

export function isWithin(path: string, page: string): boolean {
  return page === "/" ? path === "/" : path === page || path.startsWith(`${page}/`);
}
