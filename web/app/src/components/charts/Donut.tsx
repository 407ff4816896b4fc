import styles from "./Donut.module.css";

interface Props {
  /** 0..1 of the ring. */
  share: number;
  color: string;
  /** What stands in the middle. */
  text: string;
}

const RADIUS = 42;
const ROUND = 2 * Math.PI * RADIUS;

/** A ring that is filled by a share. */
export function Donut({ share, color, text }: Props) {
  const filled = Math.max(0, Math.min(1, share)) * ROUND;
  return (
    <svg viewBox="0 0 110 110" className={styles.donut}>
      <circle cx="55" cy="55" r={RADIUS} fill="none" stroke="var(--colorNeutralStroke2)" strokeWidth="12" />
      <circle
        cx="55"
        cy="55"
        r={RADIUS}
        fill="none"
        stroke={color}
        strokeWidth="12"
        strokeDasharray={`${filled} ${ROUND}`}
        transform="rotate(-90 55 55)"
      />
      <text x="55" y="60" textAnchor="middle" className={styles.text}>
        {text}
      </text>
    </svg>
  );
}
