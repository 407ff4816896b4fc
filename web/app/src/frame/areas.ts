import type { MessageId } from "@/i18n/message-ids";
import {
  AppsListDetailRegular,
  ArrowUploadRegular,
  BoardRegular,
  BuildingRegular,
  ClipboardTaskListLtrRegular,
  ContactCardRegular,
  DataTrendingRegular,
  HeartPulseRegular,
  HomeRegular,
  LightbulbRegular,
  MoneyRegular,
  PeopleRegular,
  PeopleTeamRegular,
  PersonLightbulbRegular,
  SettingsRegular,
  ShieldRegular,
  SparkleRegular,
} from "@fluentui/react-icons";

/** A page in the site map. */
interface SitePage {
  label: MessageId;
  path: string;
  icon: typeof HomeRegular;
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
      { label: "group-my-work", pages: [{ label: "page-dashboard", path: "/", icon: HomeRegular }] },
      {
        label: "group-customers",
        pages: [
          { label: "table-accounts", path: "/accounts", icon: BuildingRegular },
          { label: "table-contacts", path: "/contacts", icon: ContactCardRegular },
        ],
      },
      {
        label: "group-sales",
        pages: [
          { label: "table-leads", path: "/leads", icon: PersonLightbulbRegular },
          { label: "table-opportunities", path: "/opportunities", icon: MoneyRegular },
        ],
      },
      { label: "group-introductions", pages: [{ label: "page-who-knows", path: "/who-knows", icon: PeopleTeamRegular }] },
    ],
  },
  {
    label: "area-insights-settings",
    icon: LightbulbRegular,
    groups: [
      {
        label: "group-insights-settings",
        pages: [
          { label: "page-overview", path: "/settings/overview", icon: BoardRegular },
          { label: "page-health", path: "/settings/health", icon: HeartPulseRegular },
          { label: "page-who-knows", path: "/settings/who-knows", icon: PeopleTeamRegular },
          { label: "page-data", path: "/settings/data", icon: SettingsRegular },
          { label: "page-imports", path: "/settings/imports", icon: ArrowUploadRegular },
        ],
      },
      { label: "group-premium", pages: [{ label: "page-premium", path: "/settings/premium", icon: SparkleRegular }] },
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
          { label: "page-audit", path: "/settings/audit", icon: ClipboardTaskListLtrRegular },
        ],
      },
    ],
  },
  {
    label: "area-privacy",
    icon: ShieldRegular,
    groups: [{ label: "group-privacy", pages: [{ label: "page-privacy", path: "/privacy", icon: ShieldRegular }] }],
  },
];

/** The area that a path belongs to; a page that is not in the site map belongs to the one that leads to it. */
export function areaOf(path: string): Area {
  if (path === "/settings/consent") return areaOf("/settings/overview");
  const found = AREAS.find((area) => area.groups.some((group) => group.pages.some((page) => isWithin(path, page.path))));
  return found ?? (AREAS[0] as Area);
}

export function isWithin(path: string, page: string): boolean {
  return page === "/" ? path === "/" : path === page || path.startsWith(`${page}/`);
}
