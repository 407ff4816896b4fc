import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type Introducer = Body<"IntroducerBody">;
export type IntroductionPath = Body<"PathBody">;
export type Missing = Body<"MissingBody">;

export interface WhoKnowsOptions {
  /** An address, a domain, or a reference such as `contact:c1`. */
  target: string;
  hops: 1 | 2;
  limit: number;
  asOf?: string;
  /** Who asks: nobody is their own introducer. */
  viewer: string | null;
}

/** Who can introduce to a person or company, strongest first. */
export function whoKnowsQuery({ target, hops, limit, asOf, viewer }: WhoKnowsOptions) {
  return queryOptions({
    queryKey: ["who-knows", target, hops, limit, asOf, viewer],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/v1/who-knows", {
          params: { query: { target, hops, limit, as_of: asOf, viewer: viewer ?? undefined } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    enabled: target !== "",
  });
}
