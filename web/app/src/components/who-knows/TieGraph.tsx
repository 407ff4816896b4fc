import { useRef, useState, type KeyboardEvent } from "react";
import type { Introducer } from "@/api/who-knows.ts";
import { asTieGrade, type TieGrade } from "@/api/words.ts";
import { TIE_GRADE_LABELS } from "@/components/labels.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { keyOf } from "./introduction.ts";
import { initialsOf } from "./initials.ts";
import styles from "./TieGraph.module.css";

const [WIDTH, HEIGHT] = [360, 300];
const [CENTER_X, CENTER_Y] = [WIDTH / 2, HEIGHT / 2 - 6];
const [RADIUS_X, RADIUS_Y] = [128, 104];
/** Widths of lines from a strength of 0 to 100. */
const [LINE_MIN, LINE_MAX] = [1.5, 11];

const COLORS: Record<TieGrade, string> = {
  strong: "var(--rapport-good)",
  medium: "var(--rapport-fair)",
  weak: "var(--rapport-poor)",
};

interface Props {
  name: string;
  introducers: Introducer[];
  onOpen: (introducer: Introducer) => void;
}

/** The person in the middle, colleagues around, strongest on top and clockwise; a line is as wide as the tie is strong. */
export function TieGraph({ name, introducers, onOpen }: Props) {
  const { t } = useL10n();
  const { number } = useFormats();
  const svg = useRef<SVGSVGElement>(null);
  const [tabStop, setTabStop] = useState(0);
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const by = moves[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = (tabStop + by + introducers.length) % introducers.length;
    setTabStop(next);
    svg.current?.querySelectorAll<SVGElement>("[role=button]")[next]?.focus();
  };
  const placed = introducers.map((introducer, i) => {
    // One or two stand beside the person, more of them around, the strongest on top.
    const angle = (i / introducers.length) * 2 * Math.PI - (introducers.length > 2 ? Math.PI / 2 : 0);
    return { introducer, x: CENTER_X + RADIUS_X * Math.cos(angle), y: CENTER_Y + RADIUS_Y * Math.sin(angle) };
  });
  return (
    <svg
      ref={svg}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="group"
      aria-label={t("who-knows-graph", { name, count: introducers.length })}
      className={styles.graph}
      onKeyDown={onKeyDown}
    >
      {placed.map(({ introducer, x, y }) => (
        <line
          key={keyOf(introducer)}
          x1={CENTER_X}
          y1={CENTER_Y}
          x2={x}
          y2={y}
          stroke={COLORS[asTieGrade(introducer.grade)]}
          strokeWidth={LINE_MIN + ((introducer.strength ?? 0) / 100) * (LINE_MAX - LINE_MIN)}
        />
      ))}
      <circle cx={CENTER_X} cy={CENTER_Y} r={32} className={styles.target} />
      <text x={CENTER_X} y={CENTER_Y + 6} textAnchor="middle" aria-hidden className={styles.targetText}>
        {initialsOf(name)}
      </text>
      {placed.map(({ introducer, x, y }, i) => (
        <g
          key={keyOf(introducer)}
          role="button"
          tabIndex={i === tabStop ? 0 : -1}
          aria-label={
            introducer.strength == null
              ? `${introducer.name ?? t("colleague-unnamed")}, ${t(TIE_GRADE_LABELS[asTieGrade(introducer.grade)])}`
              : t("who-knows-node", {
                  name: introducer.name ?? t("colleague-unnamed"),
                  grade: t(TIE_GRADE_LABELS[asTieGrade(introducer.grade)]),
                  strength: number(introducer.strength),
                })
          }
          className={styles.node}
          onClick={() => onOpen(introducer)}
          onFocus={() => setTabStop(i)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" && event.key !== " ") return;
            event.preventDefault();
            onOpen(introducer);
          }}
        >
          <circle cx={x} cy={y} r={24} />
          <text x={x} y={y + 5} textAnchor="middle" aria-hidden>
            {introducer.name == null ? "?" : initialsOf(introducer.name)}
          </text>
          <text x={x} y={y < CENTER_Y - 1 ? y - 31 : y + 38} textAnchor="middle" aria-hidden className={styles.name}>
            {introducer.name ?? t("colleague-unnamed")}
          </text>
        </g>
      ))}
    </svg>
  );
}
