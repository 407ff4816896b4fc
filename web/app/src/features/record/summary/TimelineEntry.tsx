import { Badge, Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from "@fluentui/react-components";
import { ArrowDownLeftRegular, ArrowUpRightRegular, CheckmarkRegular, MoreHorizontalRegular } from "@fluentui/react-icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { changeActivity, type TimelineItem } from "@/api/activities.ts";
import { asKind, asTable } from "@/api/words.ts";
import { KindIcon } from "@/components/KindIcon.tsx";
import { KIND_LABELS } from "@/components/labels.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { ActivityDraft } from "./ActivityDialog.tsx";
import styles from "./TimelineEntry.module.css";

interface Props {
  item: TimelineItem;
  isReadOnly: boolean;
  onEdit: (draft: ActivityDraft) => void;
}

/** One activity: what, when, who, and what can be done with it. */
export function TimelineEntry({ item, isReadOnly, onEdit }: Props) {
  const { t } = useL10n();
  const { time, dateTime, number, list } = useFormats();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (state: "completed" | "cancelled") =>
      changeActivity(item.activity ?? "", state === "completed" ? { state, at: completedAt(item.at) } : { state }),
    onSettled: () => queries.invalidateQueries(),
  });
  const isPlanned = item.state === "scheduled" || item.state === "open";
  const names = (side: string) =>
    list(item.participants.filter((participant) => participant.side === side).map((participant) => participant.name));
  const canChange = !isReadOnly && item.activity != null;
  const table = item.regarding ? asTable(item.regarding.table) : undefined;
  return (
    <li className={styles.entry} data-kind={item.kind}>
      <span className={styles.icon}>
        <KindIcon kind={item.kind} />
      </span>
      <div className={styles.text}>
        <span className={styles.subject}>
          {item.subject ?? t("timeline-no-subject", { kind: t(KIND_LABELS[asKind(item.kind)]) })}
        </span>
        <span className={styles.people}>
          {item.direction === "outgoing" ? (
            <ArrowUpRightRegular role="img" aria-label={t("direction-outgoing")} />
          ) : (
            <ArrowDownLeftRegular role="img" aria-label={t("direction-incoming")} />
          )}
          {t("timeline-people", { us: names("us") || "---", them: names("them") || "---" })}
        </span>
        {item.regarding && table ? (
          <Link to="/$table/$id" params={{ table, id: item.regarding.id }} className={styles.regarding}>
            {item.regarding.name}
          </Link>
        ) : null}
        {change.error ? <span role="alert">{change.error.message}</span> : null}
      </div>
      <div className={styles.side}>
        <span>{isPlanned ? dateTime(item.at) : time(item.at)}</span>
        {item.duration_s ? <span>{t("timeline-minutes", { minutes: number(Math.round(item.duration_s / 60)) })}</span> : null}
        <span className={styles.sources}>
          {item.sources.map((source) => (
            <Badge key={source} appearance="outline" color="informative" size="small">
              {t(source === "crm" ? "source-crm" : "source-mailbox")}
            </Badge>
          ))}
        </span>
      </div>
      {canChange ? (
        <div className={styles.actions}>
          {isPlanned && item.kind !== "email" ? (
            <Button
              size="small"
              icon={<CheckmarkRegular />}
              disabled={change.isPending}
              onClick={() => change.mutate("completed")}
            >
              {t("timeline-complete")}
            </Button>
          ) : null}
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <Button size="small" appearance="subtle" icon={<MoreHorizontalRegular />} aria-label={t("timeline-more-actions")} />
            </MenuTrigger>
            <MenuPopover>
              <MenuList>
                <MenuItem
                  onClick={() =>
                    onEdit({
                      kind: asKind(item.kind),
                      state: isPlanned ? "scheduled" : "completed",
                      activityId: item.activity ?? undefined,
                    })
                  }
                >
                  {t("action-edit")}
                </MenuItem>
                <MenuItem onClick={() => change.mutate("cancelled")}>
                  {t(isPlanned ? "timeline-cancel" : "timeline-did-not-happen")}
                </MenuItem>
              </MenuList>
            </MenuPopover>
          </Menu>
        </div>
      ) : null}
    </li>
  );
}

/** What was planned for later and is done already was done now. */
function completedAt(planned: string): string {
  return new Date(Math.min(Date.parse(planned), Date.now())).toISOString();
}
