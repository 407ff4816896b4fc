import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { connectorsQuery, type Connector } from "@/api/connectors.ts";

/** Takes a connector as the server answered it after a change, and asks again for all. */
export function useKeptConnector() {
  const queries = useQueryClient();
  return useCallback(
    (kept: Connector) => {
      const { queryKey } = connectorsQuery();
      queries.setQueryData(queryKey, (held) => ({
        items: [...(held?.items ?? []).filter(({ id }) => id !== kept.id), kept].sort((a, b) => (a.id < b.id ? -1 : 1)),
      }));
      void queries.invalidateQueries({ queryKey });
    },
    [queries],
  );
}
