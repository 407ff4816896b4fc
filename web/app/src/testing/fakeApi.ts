import { vi } from "vitest";

/** One request as a test sees it. */
export interface FakeRequest {
  method: string;
  path: string;
  search: URLSearchParams;
  body: unknown;
}

type Answer = (request: FakeRequest) => unknown;

/** A problem that the fake server answers with. */
export class FakeProblem {
  readonly status: number;
  readonly detail: string;
  readonly kind: string;

  constructor(status: number, detail: string, kind = "fault") {
    this.status = status;
    this.detail = detail;
    this.kind = kind;
  }
}

/** Answers requests by "METHOD /path"; an unexpected one fails as 404. Returns all requests in the order in which they came. */
export function fakeApi(answers: Record<string, Answer>): FakeRequest[] {
  const requests: FakeRequest[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const text = await request.text();
    const seen: FakeRequest = {
      method: request.method,
      path: decodeURIComponent(url.pathname),
      search: url.searchParams,
      body: text ? JSON.parse(text) : null,
    };
    requests.push(seen);
    const body =
      answers[`${seen.method} ${seen.path}`]?.(seen) ?? new FakeProblem(404, `nothing answers ${seen.method} ${seen.path}`);
    if (body instanceof FakeProblem) {
      const problem = { type: `urn:rapport:problem:${body.kind}`, title: "problem", status: body.status, detail: body.detail };
      return Response.json(problem, { status: body.status, headers: { "content-type": "application/problem+json" } });
    }
    return Response.json(body, { headers: { etag: '"1"' } });
  });
  return requests;
}
