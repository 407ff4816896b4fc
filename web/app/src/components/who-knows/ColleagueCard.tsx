import {
  Avatar,
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from "@fluentui/react-components";
import { useState } from "react";
import type { Introducer } from "@/api/who-knows.ts";
import { asKind } from "@/api/words.ts";
import { Figure } from "@/components/Figure.tsx";
import { KIND_LABELS } from "@/components/labels.ts";
import { ChartTable } from "@/components/charts/ChartTable.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./ColleagueCard.module.css";
import { Introduction } from "./Introduction.tsx";
import { StrengthBar } from "./StrengthBar.tsx";

/** Days that the card names at most; the sum covers all. */
const CONTRIBUTIONS_MAX = 12;

interface Props {
  introducer: Introducer;
  /** As who knows whom was asked for it. */
  target: string;
  targetName: string;
  onClose: () => void;
}

/** A colleague and their tie: how strong, in what way, from what. */
export function ColleagueCard({ introducer, target, targetName, onClose }: Props) {
  const [isAsking, setAsking] = useState(false);
  // One dialog for both: a second one that takes over from the first can stay hidden from screen readers.
  return (
    <Dialog open onOpenChange={onClose}>
      <DialogSurface>
        {isAsking ? (
          <Introduction introducer={introducer} target={target} targetName={targetName} onClose={onClose} />
        ) : (
          <Tie introducer={introducer} onClose={onClose} onAsk={() => setAsking(true)} />
        )}
      </DialogSurface>
    </Dialog>
  );
}

function Tie({ introducer, onClose, onAsk }: { introducer: Introducer; onClose: () => void; onAsk: () => void }) {
  const { t } = useL10n();
  return (
    <DialogBody>
      <DialogTitle>{introducer.name ?? t("colleague-unnamed")}</DialogTitle>
      <DialogContent className={styles.card}>
        <div className={styles.person}>
          <Avatar size={56} name={introducer.name ?? undefined} color={introducer.name ? "colorful" : "neutral"} aria-hidden />
          <div>
            <div>{introducer.title}</div>
            {introducer.colleague ? <a href={`mailto:${introducer.colleague}`}>{introducer.colleague}</a> : null}
          </div>
        </div>
        <StrengthBar strength={introducer.strength} grade={introducer.grade} />
        {introducer.asks_first ? (
          <p className={styles.note}>{t("colleague-asks-first")}</p>
        ) : (
          <Measures introducer={introducer} />
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{t("action-close")}</Button>
        <Button appearance="primary" onClick={onAsk}>
          {t("introduce")}
        </Button>
      </DialogActions>
    </DialogBody>
  );
}

function Measures({ introducer }: { introducer: Introducer }) {
  const { t } = useL10n();
  const { number, percent, date } = useFormats();
  const measures = [
    ["activity", introducer.activity, t("tie-activity"), t("tie-activity-text")],
    ["directness", introducer.directness, t("tie-directness"), t("tie-directness-text")],
    ["mutuality", introducer.mutuality, t("tie-mutuality"), t("tie-mutuality-text")],
  ] as const;
  const parts = introducer.contributions.slice(0, CONTRIBUTIONS_MAX);
  return (
    <>
      <dl className={styles.measures}>
        {measures.map(([name, value, label, text]) => (
          <div key={name}>
            <dt>{label}</dt>
            <dd>
              <Figure path={name} value={value} className={styles.value}>
                {number(value)}
              </Figure>
              <span className={styles.note}>{text}</span>
            </dd>
          </div>
        ))}
      </dl>
      <p className={styles.note}>
        {t("tie-counts", {
          emails: number(introducer.emails),
          meetings: number(introducer.meetings),
          calls: number(introducer.phone_calls),
          us: number(introducer.initiated_by_us),
          them: number(introducer.initiated_by_them),
        })}
      </p>
      <p className={styles.note}>
        {t("tie-last", { date: date(introducer.last_at), share: percent(introducer.likelihood_30d) })}
      </p>
      <h3 className={styles.heading}>{t("tie-contributions")}</h3>
      <ChartTable
        caption={t("tie-contributions")}
        head={[t("tie-day"), t("tie-kind"), t("tie-adds")]}
        rows={parts.map((part) => [date(part.date), t(KIND_LABELS[asKind(part.kind)]), number(part.value, 3)])}
      >
        <ol className={styles.parts}>
          {parts.map((part) => (
            <li
              key={part.date}
              className={styles.part}
              style={{ width: `${(part.value / Math.max(...parts.map(({ value }) => value), 0.001)) * 100}%` }}
            >
              {date(part.date)}
            </li>
          ))}
        </ol>
      </ChartTable>
    </>
  );
}
