import { useFormats } from "@/i18n/L10nContext.tsx";
import { ChartTable } from "./ChartTable.tsx";
import styles from "./ReliabilityPlot.module.css";
import { useWidth } from "./useWidth.ts";

/** Cases of about the same probability: what was predicted for them, and the share that came true. */
interface Bin {
  from: number;
  to: number;
  cases: number;
  predicted: number;
  observed: number;
}

interface Props {
  caption: string;
  bins: Bin[];
  words: { range: string; cases: string; predicted: string; observed: string };
}

const [LEFT, RIGHT, TOP, BOTTOM] = [56, 14, 14, 40];
/** Radius of the bin with the most cases. Areas are in proportion to cases, but the smallest can still be seen. */
const [RADIUS_MAX, RADIUS_MIN] = [13, 2.5];
const TICKS = [0, 0.5, 1];

/** Predicted against observed shares: on the diagonal, predictions come true. */
export function ReliabilityPlot({ caption, bins, words }: Props) {
  const { number, percent } = useFormats();
  const [frame, width] = useWidth<HTMLDivElement>();
  const size = Math.min(width, 360);
  const x = (share: number) => LEFT + share * (size - LEFT - RIGHT);
  const y = (share: number) => TOP + (1 - share) * (size - TOP - BOTTOM);
  const most = Math.max(1, ...bins.map(({ cases }) => cases));
  const radius = (cases: number) => Math.max(RADIUS_MIN, RADIUS_MAX * Math.sqrt(cases / most));
  const rows = bins.map((bin) => [
    `${percent(bin.from)} – ${percent(bin.to)}`,
    number(bin.cases),
    percent(bin.predicted),
    percent(bin.observed),
  ]);
  return (
    <ChartTable caption={caption} head={[words.range, words.cases, words.predicted, words.observed]} rows={rows}>
      <div ref={frame} className={styles.frame}>
        <svg width={size} height={size} viewBox={`0 0 ${size} ${size}`} className={styles.svg}>
          {TICKS.map((tick) => (
            <g key={tick}>
              <line x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} stroke="var(--rapport-grid)" />
              <line x1={x(tick)} x2={x(tick)} y1={y(0)} y2={y(1)} stroke="var(--rapport-grid)" />
              <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end">
                {percent(tick)}
              </text>
              <text x={x(tick)} y={size - BOTTOM + 16} textAnchor={tick === 1 ? "end" : "middle"}>
                {percent(tick)}
              </text>
            </g>
          ))}
          <line x1={x(0)} x2={x(1)} y1={y(0)} y2={y(0)} className={styles.axis} />
          <line x1={x(0)} x2={x(0)} y1={y(0)} y2={y(1)} className={styles.axis} />
          <line x1={x(0)} x2={x(1)} y1={y(0)} y2={y(1)} className={styles.ideal} />
          {bins.map((bin) => (
            <circle key={bin.from} cx={x(bin.predicted)} cy={y(bin.observed)} r={radius(bin.cases)} className={styles.bin}>
              <title>{`${percent(bin.predicted)} → ${percent(bin.observed)} (${number(bin.cases)})`}</title>
            </circle>
          ))}
          <text x={x(0.5)} y={size - 6} textAnchor="middle">
            {words.predicted}
          </text>
          <text transform={`translate(12 ${y(0.5)}) rotate(-90)`} textAnchor="middle">
            {words.observed}
          </text>
        </svg>
      </div>
    </ChartTable>
  );
}
