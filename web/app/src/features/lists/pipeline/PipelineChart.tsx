import { Button, Skeleton, SkeletonItem } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { pipelineQuery, type Condition, type ListQuery } from "@/api/lists.ts";
import { asHealthState } from "@/api/words.ts";
import { HEALTH_LABELS } from "@/components/labels.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { Axes } from "./Axes.tsx";
import { BrushFields, type Area } from "./BrushFields.tsx";
import { BubbleCard } from "./BubbleCard.tsx";
import { Legend } from "./Legend.tsx";
import styles from "./PipelineChart.module.css";
import { bubblesOf, CHART, scaleOf, type Bubble } from "./scale.ts";

/** Units of the drawing below which a drag is a click. */
const DRAG_MIN = 6;

const COLORS: Record<string, string> = {
  good: "var(--rapport-good)",
  fair: "var(--rapport-fair)",
  poor: "var(--rapport-poor)",
  computing: "var(--rapport-pending)",
};

interface Props {
  query: ListQuery;
  onFilter: (filter: Condition[]) => void;
}

/** Relationship Pipeline: open opportunities by days until close, health and revenue. A drag over them filters the list beside it. */
export default function PipelineChart({ query, onFilter }: Props) {
  const { t } = useL10n();
  const { number } = useFormats();
  // The chart keeps what its own brush leaves out: whoever brushed can brush again.
  const own = query.filter.filter(isBrush);
  const pipeline = useQuery(pipelineQuery({ ...query, filter: query.filter.filter((condition) => !isBrush(condition)) }));
  const points = useMemo(() => pipeline.data?.points ?? [], [pipeline.data]);
  const scale = useMemo(() => scaleOf(points), [points]);
  const bubbles = useMemo(() => bubblesOf(points, scale), [points, scale]);
  const asOf = pipeline.data?.as_of;
  if (pipeline.isPending) {
    return (
      <Skeleton aria-label={t("state-loading")}>
        <SkeletonItem style={{ height: 320 }} />
      </Skeleton>
    );
  }
  if (pipeline.error) return <ProblemState problem={pipeline.error} retry={() => void pipeline.refetch()} />;
  const others = query.filter.filter((condition) => !isBrush(condition));
  const brush = (area: Area | null) => onFilter(area && asOf ? [...others, ...conditionsOf(area, asOf)] : others);
  const { no_close_date: noDate, past_close_date: past } = pipeline.data.not_shown;
  return (
    <section aria-label={t("pipeline-title")} className={styles.section}>
      <h2 className={styles.title}>{t("pipeline-title")}</h2>
      {points.length === 0 ? (
        <StateBox isSmall title={t("pipeline-empty")} text={t("pipeline-empty-text")} />
      ) : (
        <Drawing bubbles={bubbles} scale={scale} onBrush={brush} />
      )}
      <Legend />
      <p className={styles.note}>
        {t("pipeline-not-shown", { past, pastText: number(past), none: noDate, noneText: number(noDate) })}
      </p>
      {pipeline.data.omitted > 0 ? (
        <p className={styles.note}>{t("pipeline-omitted", { count: number(pipeline.data.omitted) })}</p>
      ) : null}
      <BrushFields days={scale.days} onBrush={brush} />
      {own.length > 0 ? (
        <Button size="small" onClick={() => brush(null)}>
          {t("pipeline-clear")}
        </Button>
      ) : null}
    </section>
  );
}

/** The brush filters by these two columns, from and to. */
function isBrush({ column, op }: Condition): boolean {
  return (column === "estimated_close" || column === "health_score") && ["ge", "le", "le_or_empty"].includes(op);
}

const DAY_MS = 86_400_000;

function conditionsOf({ fromDay, toDay, fromHealth, toHealth }: Area, asOf: string): Condition[] {
  const date = (days: number) => new Date(Date.parse(asOf) + days * DAY_MS).toISOString().slice(0, 10);
  const to = Math.round(toHealth);
  // Deals without health lie at the very bottom.
  const health: Condition[] =
    fromHealth < 1
      ? [{ column: "health_score", op: "le_or_empty", value: to }]
      : [
          { column: "health_score", op: "le", value: to },
          { column: "health_score", op: "ge", value: Math.round(fromHealth) },
        ];
  const days: Condition[] = [
    { column: "estimated_close", op: "ge", value: date(Math.floor(fromDay)) },
    { column: "estimated_close", op: "le", value: date(Math.ceil(toDay)) },
  ];
  return fromHealth < 1 && toHealth >= 100 ? days : [...days, ...health];
}

interface DrawingProps {
  bubbles: Bubble[];
  scale: ReturnType<typeof scaleOf>;
  onBrush: (area: Area | null) => void;
}

interface Place {
  x: number;
  y: number;
}

function Drawing({ bubbles, scale, onBrush }: DrawingProps) {
  const { t } = useL10n();
  const formats = useFormats();
  const navigate = useNavigate();
  const svg = useRef<SVGSVGElement>(null);
  const [shown, setShown] = useState<Bubble | null>(null);
  const [tabStop, setTabStop] = useState(0);
  const [drag, setDrag] = useState<{ from: Place; to: Place } | null>(null);
  // Left to right is how the eye goes through the chart, so the arrow keys do.
  const order = useMemo(
    () => [...bubbles].sort((a, b) => a.x - b.x || b.y - a.y || a.point.id.localeCompare(b.point.id)),
    [bubbles],
  );
  const current = order[Math.min(tabStop, order.length - 1)];

  const placeOf = (event: PointerEvent): Place => {
    const box = svg.current?.getBoundingClientRect();
    if (!box || box.width === 0) return { x: 0, y: 0 };
    return {
      x: ((event.clientX - box.left) / box.width) * CHART.width,
      y: ((event.clientY - box.top) / box.height) * CHART.height,
    };
  };
  const open = ({ point }: Bubble) =>
    void navigate({ to: "/$table/$id", params: { table: "opportunities", id: point.id }, search: { tab: "analytics" } });
  const release = () => {
    if (drag && Math.hypot(drag.to.x - drag.from.x, drag.to.y - drag.from.y) >= DRAG_MIN) {
      const [xs, ys] = [
        [drag.from.x, drag.to.x],
        [drag.from.y, drag.to.y],
      ];
      onBrush({
        fromDay: scale.dayOf(Math.min(...xs)),
        toDay: scale.dayOf(Math.max(...xs)),
        fromHealth: scale.healthOf(Math.max(...ys)),
        toHealth: scale.healthOf(Math.min(...ys)),
      });
    }
    setDrag(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowRight: tabStop + 1,
      ArrowUp: tabStop + 1,
      ArrowLeft: tabStop - 1,
      ArrowDown: tabStop - 1,
      Home: 0,
      End: order.length - 1,
    };
    const target = moves[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(order.length - 1, target));
    setTabStop(next);
    const circles = [...(svg.current?.querySelectorAll<SVGElement>("[data-id]") ?? [])];
    circles.find(({ dataset }) => dataset.id === order[next]?.point.id)?.focus();
  };
  return (
    <div className={styles.frame}>
      <svg
        ref={svg}
        viewBox={`0 0 ${CHART.width} ${CHART.height}`}
        role="group"
        aria-label={t("pipeline-label", { count: bubbles.length })}
        className={styles.svg}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => setDrag({ from: placeOf(event), to: placeOf(event) })}
        onPointerMove={(event) => drag && setDrag({ ...drag, to: placeOf(event) })}
        onPointerUp={release}
        onPointerLeave={() => setDrag(null)}
      >
        <Axes scale={scale} />
        {bubbles.map((bubble) => {
          const { point } = bubble;
          const state = t(HEALTH_LABELS[asHealthState(point.health_state)]);
          return (
            <circle
              key={point.id}
              data-id={point.id}
              role="link"
              tabIndex={current === bubble ? 0 : -1}
              aria-label={t("pipeline-bubble", {
                name: point.name,
                state,
                score: formats.number(point.health_score),
                days: point.days_until_close,
                revenue: formats.money(point.estimated_revenue, point.currency),
              })}
              cx={bubble.x}
              cy={bubble.y}
              r={bubble.radius}
              fill={COLORS[point.health_state] ?? "var(--rapport-none)"}
              className={styles.bubble}
              onPointerEnter={() => setShown(bubble)}
              onPointerLeave={() => setShown(null)}
              onFocus={() => {
                setShown(bubble);
                setTabStop(order.indexOf(bubble));
              }}
              onBlur={() => setShown(null)}
              onClick={() => open(bubble)}
              onKeyDown={(event) => {
                if (event.key === "Enter") open(bubble);
              }}
            />
          );
        })}
        {drag ? (
          <rect
            x={Math.min(drag.from.x, drag.to.x)}
            y={Math.min(drag.from.y, drag.to.y)}
            width={Math.abs(drag.to.x - drag.from.x)}
            height={Math.abs(drag.to.y - drag.from.y)}
            className={styles.brush}
          />
        ) : null}
      </svg>
      {shown ? <BubbleCard bubble={shown} /> : null}
    </div>
  );
}
