import type { Health } from "@/api/insights.ts";
import { asKind, type Kind } from "@/api/words.ts";
import chart from "@/components/charts/StackedDays.module.css";
import { useWidth } from "@/components/charts/useWidth.ts";
import { useFormats } from "@/i18n/L10nContext.tsx";

const [HEIGHT, LEFT, BOTTOM] = [180, 34, 22];

export const KIND_COLORS: Record<Kind, string> = {
  email: "var(--rapport-emails-sent)",
  meeting: "var(--rapport-meetings-sent)",
  phone_call: "var(--rapport-phone-calls-made)",
  task: "var(--rapport-tasks)",
};

/** What each active day adds to the memory, by age: today to the right, coloured by kind. */
export function ContributionBars({ contributions }: { contributions: Health["contributions"] }) {
  const { number, date } = useFormats();
  const [frame, width] = useWidth<HTMLDivElement>();
  const oldest = Math.max(30, ...contributions.map((part) => part.age_days));
  const most = Math.max(...contributions.map((part) => part.value), 0.1);
  const x = (age: number) => LEFT + (1 - age / oldest) * (width - LEFT - 8);
  const y = (value: number) => 6 + (HEIGHT - BOTTOM - 6) * (1 - value / most);
  const [newest, first] = [contributions[0], contributions.at(-1)];
  return (
    <div ref={frame} className={chart.frame}>
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} className={chart.svg}>
        {[0, most / 2, most].map((tick) => (
          <g key={tick}>
            <line x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} stroke="var(--rapport-grid)" />
            <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end">
              {number(tick, 2)}
            </text>
          </g>
        ))}
        {contributions.map((part) => (
          <rect
            key={part.age_days}
            x={x(part.age_days) - 1.5}
            width={3}
            y={y(part.value)}
            height={HEIGHT - BOTTOM - y(part.value)}
            fill={KIND_COLORS[asKind(part.kind)]}
          />
        ))}
        {first ? (
          <text x={x(first.age_days)} y={HEIGHT - 6}>
            {date(first.date)}
          </text>
        ) : null}
        {newest && newest !== first ? (
          <text x={x(newest.age_days) + 2} y={HEIGHT - 6} textAnchor="end">
            {date(newest.date)}
          </text>
        ) : null}
      </svg>
    </div>
  );
}
