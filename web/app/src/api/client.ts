import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

/** The server's answers, by the names of the OpenAPI document. */
export type Body<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** What went wrong, as the server says it (RFC 9457), or `status` 0 when it did not answer at all. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly hint: string | null;
  /** The last word of the problem's type. */
  readonly kind: string;

  constructor(status: number, detail: string, hint: string | null, kind = "") {
    super(detail);
    this.name = "ApiProblem";
    this.status = status;
    this.hint = hint;
    this.kind = kind;
  }

  /** A record that may not be seen answers like a missing one. */
  get isMissing(): boolean {
    return this.status === 404;
  }

  /** An administrator switched it off, or has not switched it on. */
  get isNotEnabled(): boolean {
    return this.kind === "not_enabled";
  }

  get isForbidden(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

// Looked up at each call, so that a test's own `fetch` is found.
export const api = createClient<paths>({ baseUrl: globalThis.location.origin, fetch: (request) => globalThis.fetch(request) });

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The data of an answer; throws an `ApiProblem` for anything else. */
export async function dataOf<Data>(pending: Promise<Answer<Data>>): Promise<Data> {
  return (await answerOf(pending)).data;
}

/** The same with the response, for whoever needs a header of it. */
export async function answerOf<Data>(pending: Promise<Answer<Data>>): Promise<{ data: Data; response: Response }> {
  let answer: Answer<Data>;
  try {
    answer = await pending;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem(0, error instanceof Error ? error.message : String(error), null);
  }
  if (answer.error !== undefined || !answer.response.ok) throw problemOf(answer);
  return { data: answer.data as Data, response: answer.response };
}

function problemOf({ error, response }: Answer<unknown>): ApiProblem {
  type Told = { type?: unknown; detail?: unknown; hint?: unknown };
  const { type, detail, hint } = typeof error === "object" && error !== null ? (error as Told) : {};
  return new ApiProblem(
    response.status,
    typeof detail === "string" ? detail : response.statusText,
    typeof hint === "string" ? hint : null,
    typeof type === "string" ? type.slice(type.lastIndexOf(":") + 1) : "",
  );
}
