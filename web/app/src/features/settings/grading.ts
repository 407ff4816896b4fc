import type { HealthDistribution } from "@/api/settings.ts";

/** The lowest score of good and of fair; what lies below is poor. */
export interface Grading {
  good: number;
  fair: number;
}

/** The grading with one minimum moved: its neighbour gives way, so that fair stays below good. */
export function moved({ good, fair }: Grading, name: keyof Grading, value: number): Grading {
  if (name === "good") return { good: value, fair: Math.min(fair, value - 1) };
  return { good: Math.max(good, value + 1), fair: value };
}

/** Records of each grade, and without one. */
export interface GradeCounts {
  good: number;
  fair: number;
  poor: number;
  none: number;
}

export function countGrades({ with_score: scores, without_score: none }: HealthDistribution["tables"][number], grading: Grading) {
  const counts: GradeCounts = { good: 0, fair: 0, poor: 0, none };
  scores.forEach((count, score) => {
    counts[score >= grading.good ? "good" : score >= grading.fair ? "fair" : "poor"] += count;
  });
  return counts;
}
