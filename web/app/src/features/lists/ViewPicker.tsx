import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from "@fluentui/react-components";
import { ChevronDownRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteView, savedViewsQuery, saveView, type OpenState, type View } from "@/api/lists.ts";
import type { Table } from "@/api/words.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { listSearch, usualState, usualView, type ListSearch } from "./listSearch.ts";
import styles from "./ViewPicker.module.css";

const VIEWS: readonly View[] = ["my", "team", "all"];

/** The name of each view: of whom, and whether of open records alone. */
const NAMES: Record<Table, Record<View, Record<OpenState, MessageId>>> = {
  accounts: {
    my: { open: "view-my-accounts", closed: "view-my-accounts", all: "view-my-accounts" },
    team: { open: "view-team-accounts", closed: "view-team-accounts", all: "view-team-accounts" },
    all: { open: "view-all-accounts", closed: "view-all-accounts", all: "view-all-accounts" },
  },
  contacts: {
    my: { open: "view-my-contacts", closed: "view-my-contacts", all: "view-my-contacts" },
    team: { open: "view-team-contacts", closed: "view-team-contacts", all: "view-team-contacts" },
    all: { open: "view-all-contacts", closed: "view-all-contacts", all: "view-all-contacts" },
  },
  leads: {
    my: { open: "view-my-open-leads", closed: "view-my-closed-leads", all: "view-my-leads" },
    team: { open: "view-team-open-leads", closed: "view-team-closed-leads", all: "view-team-leads" },
    all: { open: "view-all-open-leads", closed: "view-all-closed-leads", all: "view-all-leads" },
  },
  opportunities: {
    my: { open: "view-my-open-opportunities", closed: "view-my-closed-opportunities", all: "view-my-opportunities" },
    team: { open: "view-team-open-opportunities", closed: "view-team-closed-opportunities", all: "view-team-opportunities" },
    all: { open: "view-all-open-opportunities", closed: "view-all-closed-opportunities", all: "view-all-opportunities" },
  },
};

interface Props {
  table: Table;
  search: ListSearch;
  viewer: string | null;
  onSearch: (search: ListSearch) => void;
}

/** The list's title, which changes the view: whose records, and views that somebody saved. */
export function ViewPicker({ table, search, viewer, onSearch }: Props) {
  const { t } = useL10n();
  const queries = useQueryClient();
  const [isSaving, setSaving] = useState(false);
  const saved = useQuery(savedViewsQuery(viewer));
  const own = (saved.data?.items ?? []).filter((view) => view.table === table);
  const current = own.find((view) => view.id === search.saved);
  const state = search.state ?? usualState(table);
  const view = search.view ?? usualView(viewer);
  const states: OpenState[] = table === "leads" || table === "opportunities" ? ["open", "closed", "all"] : ["all"];
  const remove = useMutation({
    mutationFn: (id: number) => deleteView(viewer ?? "", id),
    onSuccess: () => {
      onSearch({ ...search, saved: undefined });
      return queries.invalidateQueries({ queryKey: ["list-views"] });
    },
  });
  const choose = (value: string | undefined) => {
    const [kind, name, ofState] = (value ?? "").split(":");
    const known = own.find((candidate) => String(candidate.id) === name);
    if (kind === "saved" && known) onSearch({ ...listSearch(known.query), saved: known.id });
    const chosen = VIEWS.find((candidate) => candidate === name);
    const inState = states.find((candidate) => candidate === ofState);
    if (kind === "view" && chosen)
      onSearch({ ...search, saved: undefined, view: chosen, state: inState === usualState(table) ? undefined : inState });
  };
  return (
    <>
      <Menu
        checkedValues={{ view: [current ? `saved:${current.id}` : `view:${view}:${state}`] }}
        onCheckedValueChange={(_, data) => choose(data.checkedItems.at(-1))}
      >
        <h1 className={styles.heading}>
          <MenuTrigger disableButtonEnhancement>
            <Button
              appearance="transparent"
              size="large"
              icon={<ChevronDownRegular />}
              iconPosition="after"
              className={styles.title}
            >
              {current?.name ?? t(NAMES[table][view][state])}
            </Button>
          </MenuTrigger>
        </h1>
        <MenuPopover>
          <MenuList className={styles.menu}>
            <MenuGroup>
              <MenuGroupHeader>{t("view-standard")}</MenuGroupHeader>
              {states.flatMap((ofState) =>
                VIEWS.map((name) => (
                  <MenuItemRadio key={`${name}-${ofState}`} name="view" value={`view:${name}:${ofState}`}>
                    {t(NAMES[table][name][ofState])}
                  </MenuItemRadio>
                )),
              )}
            </MenuGroup>
            {own.length > 0 ? (
              <MenuGroup>
                <MenuGroupHeader>{t("view-personal")}</MenuGroupHeader>
                {own.map(({ id, name }) => (
                  <MenuItemRadio key={id} name="view" value={`saved:${id}`}>
                    {name}
                  </MenuItemRadio>
                ))}
              </MenuGroup>
            ) : null}
            <MenuDivider />
            <MenuItem disabled={viewer === null} onClick={() => setSaving(true)}>
              {t("view-save")}
            </MenuItem>
            {current ? (
              <MenuItem onClick={() => remove.mutate(current.id)}>{t("view-delete", { name: current.name })}</MenuItem>
            ) : null}
          </MenuList>
        </MenuPopover>
      </Menu>
      {viewer !== null && isSaving ? (
        <SaveDialog
          table={table}
          search={search}
          viewer={viewer}
          current={current ? { id: current.id, name: current.name } : null}
          onClose={() => setSaving(false)}
          onSaved={(id) => onSearch({ ...search, saved: id })}
        />
      ) : null}
    </>
  );
}

interface SaveProps {
  table: Table;
  search: ListSearch;
  viewer: string;
  current: { id: number; name: string } | null;
  onClose: () => void;
  onSaved: (id: number) => void;
}

function SaveDialog({ table, search, viewer, current, onClose, onSaved }: SaveProps) {
  const { t } = useL10n();
  const queries = useQueryClient();
  const [name, setName] = useState(current?.name ?? "");
  const save = useMutation({
    mutationFn: () => {
      const query = { ...search, saved: undefined };
      // The same name saves that view anew.
      const id = current?.name === name.trim() ? current.id : null;
      return saveView(viewer, id, { table, name, query });
    },
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ["list-views"] });
      onSaved(id);
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={onClose}>
      <DialogSurface>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          <DialogBody>
            <DialogTitle>{t("view-save")}</DialogTitle>
            <DialogContent>
              <Field label={t("view-name")} required validationMessage={save.error?.message}>
                <Input value={name} onChange={(_, data) => setName(data.value)} maxLength={100} />
              </Field>
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>{t("action-cancel")}</Button>
              <Button appearance="primary" type="submit" disabled={name.trim() === "" || save.isPending}>
                {t("action-save")}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
