import {
  Popover,
  PopoverSurface,
  PopoverTrigger,
  Skeleton,
  SkeletonItem,
  ToggleButton,
  mergeClasses,
} from "@fluentui/react-components";
import { InfoRegular } from "@fluentui/react-icons";
import { useId, type ReactNode } from "react";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { ProblemState } from "./ProblemState.tsx";
import styles from "./Widget.module.css";

/** What a widget says of itself, in plain words. */
interface WidgetInfo {
  what: string;
  /** The formula in words. */
  how: string;
  /** From what data. */
  data: string;
}

interface Props {
  title: string;
  /** Stands in tests and in links to the widget. */
  name: string;
  subtitle?: string;
  info: WidgetInfo;
  /** The moment its figures are as of; absent while they load. */
  asOf?: string | null;
  actions?: ReactNode;
  isLoading?: boolean;
  problem?: unknown;
  retry?: () => void;
  className?: string;
  children?: ReactNode;
}

/** The frame of every widget: title, info pane, and the states that all widgets share. */
export function Widget({
  title,
  name,
  subtitle,
  info,
  asOf,
  actions,
  isLoading = false,
  problem,
  retry,
  className,
  children,
}: Props) {
  const titleId = useId();
  return (
    <section
      aria-labelledby={titleId}
      aria-busy={isLoading}
      data-widget={name}
      className={mergeClasses(styles.widget, className)}
    >
      <header className={styles.header}>
        <div className={styles.heading}>
          <h3 id={titleId} className={styles.title}>
            {title}
          </h3>
          <InfoPane title={title} info={info} asOf={asOf} />
        </div>
        {actions}
      </header>
      {subtitle ? <p className={styles.subtitle}>{subtitle}</p> : null}
      <div className={styles.body}>
        <ErrorBoundary>
          <Content isLoading={isLoading} problem={problem} retry={retry}>
            {children}
          </Content>
        </ErrorBoundary>
      </div>
    </section>
  );
}

function Content({ isLoading, problem, retry, children }: Pick<Props, "isLoading" | "problem" | "retry" | "children">) {
  const { t } = useL10n();
  if (problem) return <ProblemState problem={problem} retry={retry} isSmall />;
  if (!isLoading) return children;
  return (
    <Skeleton aria-label={t("state-loading")} className={styles.skeleton}>
      <SkeletonItem size={24} />
      <SkeletonItem size={16} />
      <SkeletonItem size={16} />
    </Skeleton>
  );
}

function InfoPane({ title, info, asOf }: Pick<Props, "title" | "info" | "asOf">) {
  const { t } = useL10n();
  const { dateTime } = useFormats();
  const entries = [
    [t("info-what"), info.what],
    [t("info-how"), info.how],
    [t("info-data"), info.data],
    ...(asOf ? [[t("info-as-of"), dateTime(asOf)]] : []),
  ];
  return (
    <Popover withArrow trapFocus positioning="below-start">
      <PopoverTrigger disableButtonEnhancement>
        <ToggleButton
          appearance="transparent"
          size="small"
          icon={<InfoRegular />}
          aria-label={t("info-open", { title })}
          className={styles.infoButton}
        />
      </PopoverTrigger>
      <PopoverSurface aria-label={t("info-open", { title })} className={styles.info} tabIndex={-1}>
        <dl className={styles.entries}>
          {entries.map(([term, text]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </PopoverSurface>
    </Popover>
  );
}
