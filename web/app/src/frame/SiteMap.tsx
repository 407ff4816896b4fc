import { Button, Menu, MenuItemRadio, MenuList, MenuPopover, MenuTrigger, mergeClasses } from "@fluentui/react-components";
import { ChevronUpDownRegular, PanelLeftContractRegular, PanelLeftExpandRegular } from "@fluentui/react-icons";
import { Link, useNavigate } from "@tanstack/react-router";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { Me } from "@/api/people.ts";
import { areaOf, areasFor, isWithin } from "./areas.ts";
import styles from "./SiteMap.module.css";

interface Props {
  path: string;
  /** What whoever looks may do, once it is known. */
  rights?: Me["rights"];
  isNarrow?: boolean;
  toggleNarrow?: () => void;
  onNavigate?: () => void;
}

/** The pages of an area, and below them the area switcher. */
export function SiteMap({ path, rights, isNarrow = false, toggleNarrow, onNavigate }: Props) {
  const { t } = useL10n();
  const area = areasFor(rights).find(({ label }) => label === areaOf(path).label);
  return (
    <div className={mergeClasses(styles.map, isNarrow && styles.isNarrow)}>
      {toggleNarrow ? (
        <Button
          appearance="transparent"
          className={styles.toggle}
          icon={isNarrow ? <PanelLeftExpandRegular /> : <PanelLeftContractRegular />}
          aria-label={t(isNarrow ? "frame-navigation-widen" : "frame-navigation-narrow")}
          aria-expanded={!isNarrow}
          onClick={toggleNarrow}
        />
      ) : null}
      <div className={styles.groups}>
        {area?.groups.map((group) => (
          <div key={group.label} role="group" aria-label={t(group.label)}>
            {isNarrow ? null : <div className={styles.groupLabel}>{t(group.label)}</div>}
            <ul className={styles.pages}>
              {group.pages.map(({ label, path: to, icon: Icon }) => (
                <li key={to}>
                  <Link
                    to={to}
                    className={mergeClasses(styles.page, isWithin(path, to) && styles.current)}
                    aria-current={isWithin(path, to) ? "page" : undefined}
                    title={isNarrow ? t(label) : undefined}
                    aria-label={isNarrow ? t(label) : undefined}
                    onClick={onNavigate}
                  >
                    <Icon aria-hidden className={styles.icon} />
                    {isNarrow ? null : <span>{t(label)}</span>}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
      <AreaSwitcher path={path} rights={rights} isNarrow={isNarrow} onNavigate={onNavigate} />
    </div>
  );
}

function AreaSwitcher({ path, rights, isNarrow, onNavigate }: Omit<Props, "toggleNarrow">) {
  const { t } = useL10n();
  const navigate = useNavigate();
  const area = areaOf(path);
  const Icon = area.icon;
  const choose = (label: string | undefined) => {
    const first = areasFor(rights).find((known) => known.label === label)?.groups[0]?.pages[0];
    if (!first) return;
    onNavigate?.();
    void navigate({ to: first.path });
  };
  return (
    <Menu
      checkedValues={{ area: [area.label] }}
      onCheckedValueChange={(_, data) => choose(data.checkedItems[0])}
      positioning="above-start"
    >
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="subtle"
          className={styles.switcher}
          icon={<Icon />}
          aria-label={t("frame-area", { area: t(area.label) })}
        >
          {isNarrow ? null : (
            <>
              <span className={styles.areaName}>
                <span className={styles.areaCaption}>{t("frame-area-change")}</span>
                {t(area.label)}
              </span>
              <ChevronUpDownRegular aria-hidden />
            </>
          )}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {areasFor(rights).map(({ label, icon: AreaIcon }) => (
            <MenuItemRadio key={label} name="area" value={label} icon={<AreaIcon />}>
              {t(label)}
            </MenuItemRadio>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
