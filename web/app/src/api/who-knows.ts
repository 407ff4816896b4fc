import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type Introducer = Body<"IntroducerBody">;
export type IntroductionPath = Body<"PathBody">;
export type Missing = Body<"MissingBody">;
export type MissingCount = Body<"MissingCountBody">;
export type Introduction = Body<"IntroductionBody">;

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

/** The viewer's requests to be introduced, and those to them. */
export function introductionsQuery() {
  return queryOptions({
    queryKey: ["introductions"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/introductions", { signal })),
  });
}

export function askIntroduction(target: string, introducer: string, message: string): Promise<Introduction> {
  return dataOf(api.POST("/api/v1/introductions", { body: { target, introducer, message } }));
}

export type IntroductionAnswer = Body<"AnswerWord">;

export function answerIntroduction(id: number, answer: IntroductionAnswer): Promise<Introduction> {
  return dataOf(api.PUT("/api/v1/introductions/{id}", { params: { path: { id } }, body: { answer } }));
}
