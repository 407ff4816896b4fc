import { Button, Drawer, DrawerBody } from "@fluentui/react-components";
import { NavigationRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useLivePages } from "@/api/events.ts";
import { meQuery } from "@/api/people.ts";
import { ErrorBoundary } from "@/components/ErrorBoundary.tsx";
import { GlobalSearch } from "@/features/search/GlobalSearch.tsx";
import { TimeZoneContext, useL10n } from "@/i18n/L10nContext.tsx";
import { ConnectionMark } from "./ConnectionMark.tsx";
import styles from "./Frame.module.css";
import { PreferencesMenu } from "./PreferencesMenu.tsx";
import { usePreferences } from "./preferences.ts";
import { SiteMap } from "./SiteMap.tsx";
import { ViewerMenu } from "./ViewerMenu.tsx";

const MAIN_ID = "main";

/** Few are ever told, and for a few days: nobody else loads it. */
const CaptureNotice = lazy(async () => ({ default: (await import("./CaptureNotice.tsx")).CaptureNotice }));

/** The frame of every page: bar, site map with the area switcher, content. */
export function Frame() {
  const { t } = useL10n();
  const { preferences, change } = usePreferences();
  const path = useLocation({ select: (location) => location.pathname });
  const connection = useLivePages();
  const me = useQuery(meQuery(preferences.viewer));
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  return (
    <TimeZoneContext value={me.data?.organization.time_zone ?? "UTC"}>
      <a href={`#${MAIN_ID}`} className={styles.skip}>
        {t("frame-skip")}
      </a>
      <div className={styles.frame}>
        <header className={styles.bar}>
          <Button
            appearance="transparent"
            icon={<NavigationRegular />}
            className={styles.menuButton}
            aria-label={t("frame-navigation")}
            onClick={() => setDrawerOpen(true)}
          />
          <Link to="/" aria-label="Rapport" className={styles.brand}>
            <img src="/rapport.svg" alt="" width={24} height={24} />
            <span>Rapport</span>
          </Link>
          <GlobalSearch />
          <div className={styles.tools}>
            <ConnectionMark connection={connection} />
            <PreferencesMenu />
            <ViewerMenu me={me.data} />
          </div>
        </header>
        <div className={styles.below}>
          <nav aria-label={t("frame-navigation")} className={preferences.isNavigationNarrow ? styles.narrow : styles.navigation}>
            <SiteMap
              path={path}
              rights={me.data?.rights}
              isNarrow={preferences.isNavigationNarrow}
              toggleNarrow={() => change({ isNavigationNarrow: !preferences.isNavigationNarrow })}
            />
          </nav>
          <Drawer
            type="overlay"
            position="start"
            open={isDrawerOpen}
            onOpenChange={(_, data) => setDrawerOpen(data.open)}
            aria-label={t("frame-navigation")}
          >
            <DrawerBody className={styles.drawer}>
              <nav aria-label={t("frame-navigation")} className={styles.drawerNavigation}>
                <SiteMap path={path} rights={me.data?.rights} onNavigate={() => setDrawerOpen(false)} />
              </nav>
            </DrawerBody>
          </Drawer>
          <main id={MAIN_ID} tabIndex={-1} className={styles.main}>
            {me.data?.capture_from ? (
              <Suspense fallback={null}>
                <CaptureNotice from={me.data.capture_from} />
              </Suspense>
            ) : null}
            <ErrorBoundary key={path}>
              <Outlet />
            </ErrorBoundary>
          </main>
        </div>
      </div>
    </TimeZoneContext>
  );
}
