import type { Health } from "@/api/insights.ts";
import { useFormats } from "@/i18n/L10nContext.tsx";
import chart from "@/components/charts/StackedDays.module.css";

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [600, 180, 34, 22];

const COLORS: Record<string, string> = {
  email: "var(--rapport-emails-sent)",
  meeting: "var(--rapport-meetings-sent)",
  phone_call: "var(--rapport-phone-calls-made)",
  task: "var(--rapport-tasks)",
};

/** What each active day adds to the memory, by age: today to the right, coloured by kind. */
export function ContributionBars({ contributions }: { contributions: Health["contributions"] }) {
  const { number, shortDate } = useFormats();
  const oldest = Math.max(30, ...contributions.map((part) => part.age_days));
  const most = Math.max(...contributions.map((part) => part.value), 0.1);
  const x = (age: number) => LEFT + (1 - age / oldest) * (WIDTH - LEFT - 8);
  const y = (value: number) => 6 + (HEIGHT - BOTTOM - 6) * (1 - value / most);
  const [newest, first] = [contributions[0], contributions.at(-1)];
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={chart.svg}>
      {[0, most / 2, most].map((tick) => (
        <g key={tick}>
          <line x1={LEFT} x2={WIDTH} y1={y(tick)} y2={y(tick)} stroke="var(--rapport-grid)" />
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
          fill={COLORS[part.kind]}
        />
      ))}
      {first ? (
        <text x={x(first.age_days)} y={HEIGHT - 6}>
          {shortDate(first.date)}
        </text>
      ) : null}
      {newest && newest !== first ? (
        <text x={x(newest.age_days) + 2} y={HEIGHT - 6} textAnchor="end">
          {shortDate(newest.date)}
        </text>
      ) : null}
    </svg>
  );
}
