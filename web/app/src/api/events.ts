import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

export type Connection = "connecting" | "live" | "lost";

/** Asks again for everything on the page whenever the server says that data or settings changed. */
export function useLivePages(): Connection {
  const queries = useQueryClient();
  const [connection, setConnection] = useState<Connection>("connecting");
  useEffect(() => {
    // Absent where pages are rendered without a browser.
    if (typeof EventSource === "undefined") return undefined;
    const source = new EventSource("/api/v1/events");
    const told = firstTold();
    source.addEventListener("open", () => setConnection("live"));
    source.addEventListener("error", () => setConnection("lost"));
    source.addEventListener("facts", (event) => {
      setConnection("live");
      if (told(String(event.data))) refresh(queries);
    });
    return () => source.close();
  }, [queries]);
  return connection;
}

/** Whether an event says something new; the first one of a page that was just loaded does not. */
function firstTold(): (data: string) => boolean {
  let last: string | null = null;
  return (data) => {
    const isNew = last !== null && last !== data;
    last = data;
    return isNew;
  };
}

/** Figures as of a moment in the past change too: an import may reach back. */
function refresh(queries: QueryClient): void {
  void queries.invalidateQueries();
}
