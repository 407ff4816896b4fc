import type { EvaluationReport, GradeOutcome, Interval } from "@/api/evaluation.ts";

/** What grades are of, and all of them, the best first. */
const GRADES = {
  records: ["good", "fair", "poor"],
  pairs: ["strong", "medium", "weak"],
} as const;

export type Of = keyof typeof GRADES;
type Grade = (typeof GRADES)[Of][number];
/** A grade with a share to show. */
export type KnownGrade = GradeOutcome & { grade: Grade; share: Interval };

/** Whatever its grades are of, the best one has the colour of good. */
export const GRADE_COLORS: Record<Grade, string> = {
  good: "var(--rapport-good)",
  fair: "var(--rapport-fair)",
  poor: "var(--rapport-poor)",
  strong: "var(--rapport-good)",
  medium: "var(--rapport-fair)",
  weak: "var(--rapport-poor)",
};

/** Grades that anything is known of, the best first. */
export function knownGrades(report: EvaluationReport, of: Of): KnownGrade[] {
  return GRADES[of].flatMap((grade) => {
    const found = report.grades.find((item) => item.of === of && item.grade === grade);
    return found?.share ? [{ ...found, grade, share: found.share }] : [];
  });
}
