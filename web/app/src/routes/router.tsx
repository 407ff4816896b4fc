import { createRootRoute, createRoute, createRouter, lazyRouteComponent, notFound } from "@tanstack/react-router";
import { asTable, type Table } from "@/api/words.ts";
import { isGuide } from "@/features/help/guides.ts";
import { listSearch } from "@/features/lists/listSearch.ts";
import { recordSearch } from "@/features/record/recordSearch.ts";
import { whoKnowsSearch } from "@/features/who-knows/whoKnowsSearch.ts";
import { Frame } from "@/frame/Frame.tsx";
import { MissingPage } from "./MissingPage.tsx";
import { PageSpinner } from "./PageSpinner.tsx";
import { RouteProblem } from "./RouteProblem.tsx";

const root = createRootRoute({ component: Frame, notFoundComponent: MissingPage });

const dashboard = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./DashboardRoute.tsx"), "DashboardRoute"),
});

/** A table's name in a path; anything else is no page. */
function checkTable(table: string) {
  if (!asTable(table)) throw notFound();
}

const list = createRoute({
  getParentRoute: () => root,
  path: "/$table",
  params: { parse: ({ table }) => ({ table: table as Table }), stringify: ({ table }) => ({ table }) },
  beforeLoad: ({ params }) => checkTable(params.table),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./ListRoute.tsx"), "ListRoute"),
});

const record = createRoute({
  getParentRoute: () => root,
  path: "/$table/$id",
  params: { parse: ({ table, id }) => ({ table: table as Table, id }), stringify: ({ table, id }) => ({ table, id }) },
  beforeLoad: ({ params }) => checkTable(params.table),
  validateSearch: recordSearch,
  component: lazyRouteComponent(() => import("./RecordRoute.tsx"), "RecordRoute"),
});

const whoKnows = createRoute({
  getParentRoute: () => root,
  path: "/who-knows",
  validateSearch: whoKnowsSearch,
  component: lazyRouteComponent(() => import("./WhoKnowsRoute.tsx"), "WhoKnowsRoute"),
});

const help = createRoute({
  getParentRoute: () => root,
  path: "/help",
  component: lazyRouteComponent(() => import("@/features/help/GuidesPage.tsx"), "GuidesPage"),
});

const guide = createRoute({
  getParentRoute: () => root,
  path: "/help/$guide",
  beforeLoad: ({ params }) => {
    if (!isGuide(params.guide)) throw notFound();
  },
  component: lazyRouteComponent(() => import("./GuideRoute.tsx"), "GuideRoute"),
});

/** Pages of settings and privacy share their words. */
const settings = createRoute({
  getParentRoute: () => root,
  id: "settings",
  component: lazyRouteComponent(() => import("./SettingsArea.tsx"), "SettingsArea"),
});

const health = createRoute({
  getParentRoute: () => settings,
  path: "/settings/health",
  component: lazyRouteComponent(() => import("@/features/settings/HealthPage.tsx"), "HealthPage"),
});

const evaluation = createRoute({
  getParentRoute: () => settings,
  path: "/settings/evaluation",
  component: lazyRouteComponent(() => import("@/features/settings/evaluation/EvaluationPage.tsx"), "EvaluationPage"),
});

const premium = createRoute({
  getParentRoute: () => settings,
  path: "/settings/premium",
  component: lazyRouteComponent(() => import("@/features/settings/PremiumPage.tsx"), "PremiumPage"),
});

const overview = createRoute({
  getParentRoute: () => settings,
  path: "/settings/overview",
  component: lazyRouteComponent(() => import("@/features/settings/OverviewPage.tsx"), "OverviewPage"),
});

const consent = createRoute({
  getParentRoute: () => settings,
  path: "/settings/consent",
  component: lazyRouteComponent(() => import("@/features/settings/ConsentPage.tsx"), "ConsentPage"),
});

const whoKnowsSettings = createRoute({
  getParentRoute: () => settings,
  path: "/settings/who-knows",
  component: lazyRouteComponent(() => import("@/features/settings/WhoKnowsSettingsPage.tsx"), "WhoKnowsSettingsPage"),
});

const data = createRoute({
  getParentRoute: () => settings,
  path: "/settings/data",
  component: lazyRouteComponent(() => import("@/features/settings/DataPage.tsx"), "DataPage"),
});

const connectors = createRoute({
  getParentRoute: () => settings,
  path: "/settings/connectors",
  component: lazyRouteComponent(() => import("@/features/settings/ConnectorsPage.tsx"), "ConnectorsPage"),
});

const imports = createRoute({
  getParentRoute: () => settings,
  path: "/settings/imports",
  component: lazyRouteComponent(() => import("@/features/settings/ImportsPage.tsx"), "ImportsPage"),
});

const users = createRoute({
  getParentRoute: () => settings,
  path: "/settings/users",
  component: lazyRouteComponent(() => import("@/features/settings/UsersPage.tsx"), "UsersPage"),
});

const roles = createRoute({
  getParentRoute: () => settings,
  path: "/settings/roles",
  component: lazyRouteComponent(() => import("@/features/settings/RolesPage.tsx"), "RolesPage"),
});

const providers = createRoute({
  getParentRoute: () => settings,
  path: "/settings/providers",
  component: lazyRouteComponent(() => import("@/features/settings/ProvidersPage.tsx"), "ProvidersPage"),
});

const audit = createRoute({
  getParentRoute: () => settings,
  path: "/settings/audit",
  component: lazyRouteComponent(() => import("@/features/settings/AuditPage.tsx"), "AuditPage"),
});

const account = createRoute({
  getParentRoute: () => settings,
  path: "/account",
  component: lazyRouteComponent(() => import("@/features/settings/AccountPage.tsx"), "AccountPage"),
});

const why = createRoute({
  getParentRoute: () => settings,
  path: "/why",
  component: lazyRouteComponent(() => import("@/features/settings/WhyPage.tsx"), "WhyPage"),
});

const introductions = createRoute({
  getParentRoute: () => settings,
  path: "/introductions",
  component: lazyRouteComponent(() => import("@/features/settings/IntroductionsPage.tsx"), "IntroductionsPage"),
});

const worksCouncil = createRoute({
  getParentRoute: () => settings,
  path: "/works-council",
  component: lazyRouteComponent(() => import("@/features/settings/WorksCouncilPage.tsx"), "WorksCouncilPage"),
});

const privacyRequests = createRoute({
  getParentRoute: () => settings,
  path: "/privacy-requests",
  component: lazyRouteComponent(() => import("@/features/settings/PrivacyRequestsPage.tsx"), "PrivacyRequestsPage"),
});

const licences = createRoute({
  getParentRoute: () => settings,
  path: "/licences",
  component: lazyRouteComponent(() => import("@/features/settings/LicencesPage.tsx"), "LicencesPage"),
});

const forms = createRoute({
  getParentRoute: () => settings,
  path: "/settings/forms",
  component: lazyRouteComponent(() => import("@/features/settings/FormsPage.tsx"), "FormsPage"),
});

const privacy = createRoute({
  getParentRoute: () => settings,
  path: "/privacy",
  component: lazyRouteComponent(() => import("@/features/settings/PrivacyPage.tsx"), "PrivacyPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    dashboard,
    whoKnows,
    help,
    guide,
    settings.addChildren([
      premium,
      overview,
      consent,
      health,
      evaluation,
      whoKnowsSettings,
      data,
      connectors,
      imports,
      users,
      roles,
      providers,
      audit,
      account,
      why,
      introductions,
      worksCouncil,
      privacyRequests,
      licences,
      forms,
      privacy,
    ]),
    list,
    record,
  ]),
  // Loads a page's code when somebody points at its link.
  defaultPreload: "intent",
  defaultPendingComponent: PageSpinner,
  defaultErrorComponent: RouteProblem,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
