import { useMutation, useQueryClient } from "@tanstack/react-query";
import { enablingQuery, type Enabling } from "@/api/enabling.ts";

/** A change of what is enabled: its answer is what is enabled now, and every figure may be another. */
export function useEnablingChange<Given = void>(change: (given: Given) => Promise<Enabling>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (enabling) => {
      const { queryKey } = enablingQuery();
      queries.setQueryData(queryKey, enabling);
      void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== queryKey[0] });
    },
  });
}
