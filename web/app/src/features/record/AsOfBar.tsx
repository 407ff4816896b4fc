import { Button, Field, Input, Slider } from "@fluentui/react-components";
import { use } from "react";
import { useDebounced } from "@/components/useDebounced.ts";
import { localDay } from "@/i18n/formats.ts";
import { TimeZoneContext, useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./AsOfBar.module.css";
import { endOfDay, plusDays, today } from "./days.ts";

/** Days back that the slider reaches: the memory of the score. */
const DAYS = 730;
const WEEK = 7;

interface Props {
  asOf: string | undefined;
  onAsOf: (asOf: string | undefined) => void;
}

/** The page as it stood on any day: a slider of days, a date, and the way back to now. */
export function AsOfBar({ asOf, onAsOf }: Props) {
  const { t } = useL10n();
  const { date } = useFormats();
  const timeZone = use(TimeZoneContext);
  const now = today(timeZone);
  const day = asOf ? localDay(asOf, timeZone) : now;
  const tell = (chosen: string) => onAsOf(chosen >= now ? undefined : endOfDay(chosen, timeZone));
  const [shown, setShown] = useDebounced(day, tell);
  const ago = Math.max(0, Math.min(DAYS, Math.round((Date.parse(now) - Date.parse(shown)) / 86_400_000)));
  return (
    <div className={styles.bar} data-past={asOf !== undefined}>
      <Field label={t("as-of")} orientation="horizontal" className={styles.slider}>
        <Slider
          min={-DAYS}
          max={0}
          value={-ago}
          aria-valuetext={date(shown)}
          onChange={(_, { value }) => setShown(plusDays(now, value))}
          onKeyDown={(event) => {
            const weeks: Record<string, number> = { PageUp: WEEK, PageDown: -WEEK };
            const by = weeks[event.key];
            if (by === undefined) return;
            event.preventDefault();
            setShown(plusDays(shown, by) > now ? now : plusDays(shown, by));
          }}
        />
      </Field>
      <Input
        type="date"
        aria-label={t("as-of-date")}
        value={shown}
        max={now}
        onChange={(_, data) => data.value && setShown(data.value)}
      />
      {asOf ? (
        <>
          <strong role="status" className={styles.past}>
            {t("as-of-past", { date: date(asOf) })}
          </strong>
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
