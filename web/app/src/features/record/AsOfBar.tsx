import { Button, Field, Input } from "@fluentui/react-components";
import { use, useState } from "react";
import { useDebounced } from "@/components/useDebounced.ts";
import { localDay } from "@/i18n/formats.ts";
import { TimeZoneContext, useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./AsOfBar.module.css";
import { daysBetween, endOfDay, plusDays, today } from "./days.ts";

const WEEK_DAYS = 7;
/** No mailbox reaches further back; a year that is still being typed does. */
const OLDEST = "1990-01-01";

interface Props {
  asOf: string | undefined;
  /** Days back that the slider reaches. */
  reachDays: number;
  onAsOf: (asOf: string | undefined) => void;
}

/** The page as it stood on any day: a slider of days, a date, and the way back to now. */
export function AsOfBar({ asOf, reachDays, onAsOf }: Props) {
  const { t } = useL10n();
  const { date } = useFormats();
  const timeZone = use(TimeZoneContext);
  const now = today(timeZone);
  const day = asOf ? localDay(asOf, timeZone) : now;
  const tell = (chosen: string) => onAsOf(chosen >= now ? undefined : endOfDay(chosen, timeZone));
  const [shown, setShown] = useDebounced(day, tell);
  // A date that is not one yet, or lies in the future: it stays in its field and goes no further.
  const [typing, setTyping] = useState<string | null>(null);
  const ago = Math.max(0, Math.min(reachDays, daysBetween(shown, now)));
  const step = (days: number) => {
    const next = plusDays(shown, days);
    const first = plusDays(now, -reachDays);
    setShown(next > now ? now : next < first ? first : next);
  };
  return (
    <div className={styles.bar} data-past={asOf !== undefined}>
      <Field label={t("as-of")} orientation="horizontal" className={styles.slider}>
        <input
          type="range"
          aria-label={t("as-of")}
          className={styles.range}
          min={-reachDays}
          max={0}
          value={-ago}
          aria-valuetext={date(shown)}
          onChange={(event) => setShown(plusDays(now, event.currentTarget.valueAsNumber))}
          onKeyDown={(event) => {
            const weeks: Record<string, number> = { PageUp: WEEK_DAYS, PageDown: -WEEK_DAYS };
            const by = weeks[event.key];
            if (by === undefined) return;
            event.preventDefault();
            step(by);
          }}
        />
      </Field>
      <Input
        type="date"
        aria-label={t("as-of-date")}
        value={typing ?? shown}
        min={OLDEST}
        max={now}
        onChange={(_, { value }) => {
          const isDay = value >= OLDEST && value <= now;
          setTyping(isDay ? null : value);
          if (isDay) setShown(value);
        }}
        onBlur={() => setTyping(null)}
      />
      {asOf ? (
        <>
          <p role="status" className={styles.past}>
            <strong>{t("as-of-past", { date: date(asOf) })}</strong>
            <span>{t("as-of-fields")}</span>
          </p>
          <Button size="small" onClick={() => onAsOf(undefined)}>
            {t("as-of-now")}
          </Button>
        </>
      ) : (
        <span role="status" className={styles.now}>
          {t("as-of-today")}
        </span>
      )}
    </div>
  );
}
