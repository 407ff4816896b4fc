import { mergeClasses } from "@fluentui/react-components";
import { SearchRegular } from "@fluentui/react-icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { searchQuery } from "@/api/people.ts";
import { asTable } from "@/api/words.ts";
import { useDebounced } from "@/components/useDebounced.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./GlobalSearch.module.css";

const RESULTS = 12;

const KINDS: Record<string, MessageId> = {
  account: "record-account",
  contact: "record-contact",
  lead: "record-lead",
  opportunity: "record-opportunity",
  user: "search-user",
  person: "search-person",
};

/** Finds records, people and users from every page; `/` goes to it. */
export function GlobalSearch() {
  const { t } = useL10n();
  const navigate = useNavigate();
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [wanted, setWanted] = useState("");
  const [typed, setTyped] = useDebounced(wanted, setWanted);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const found = useQuery({ ...searchQuery(wanted, RESULTS), placeholderData: keepPreviousData });
  const items = wanted === "" ? [] : (found.data?.items ?? []);
  useSlash(() => input.current?.focus());

  const go = (position: number) => {
    const item = items[position];
    if (!item) return;
    setTyped("");
    setWanted("");
    setOpen(false);
    input.current?.blur();
    const table = asTable(item.table ?? "");
    if (table && item.id) void navigate({ to: "/$table/$id", params: { table, id: item.id } });
    else if (item.kind === "person" && item.email) void navigate({ to: "/who-knows", search: { target: item.email } });
    else void navigate({ to: "/settings/users" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setActive((held) => (items.length === 0 ? 0 : (held + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(active);
    } else if (event.key === "Escape") {
      setOpen(false);
      input.current?.blur();
    }
  };
  const isShown = isOpen && wanted !== "" && found.data !== undefined;
  return (
    <div className={styles.search}>
      <SearchRegular aria-hidden className={styles.icon} />
      <input
        ref={input}
        type="search"
        role="combobox"
        aria-label={t("search-label")}
        aria-expanded={isShown}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={isShown && items.length > 0 ? `${listId}-${active}` : undefined}
        placeholder={t("search-placeholder")}
        className={styles.input}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <ul id={listId} role="listbox" aria-label={t("search-label")} hidden={!isShown} className={styles.results}>
        {items.map((item, i) => (
          <li
            key={`${item.kind}/${item.id ?? item.email ?? ""}`}
            id={`${listId}-${i}`}
            role="option"
            aria-selected={i === active}
            className={mergeClasses(styles.result, i === active && styles.active)}
            // Before the field loses the focus and closes the list.
            onMouseDown={(event) => {
              event.preventDefault();
              go(i);
            }}
          >
            <span className={styles.name}>{item.name}</span>
            <span className={styles.detail}>
              {[t(KINDS[item.kind] ?? "search-person"), item.detail, item.email].filter(Boolean).join(" · ")}
            </span>
          </li>
        ))}
        {isShown && items.length === 0 ? (
          <li role="option" aria-selected={false} aria-disabled className={styles.result}>
            {t("search-nothing", { text: wanted })}
          </li>
        ) : null}
      </ul>
    </div>
  );
}

/** `/` from anywhere but a field that is typed into. */
function useSlash(focus: () => void): void {
  const focusing = useRef(focus);
  useEffect(() => {
    focusing.current = focus;
  });
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName)) return;
      event.preventDefault();
      focusing.current();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
