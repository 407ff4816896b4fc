import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** Where this run finds and puts things; each can be set from outside. */
const { env } = process;
const target = env.CARGO_TARGET_DIR ?? join(homedir(), ".cache/rapport-target");

export const BINARY = env.RAPPORT_BIN ?? join(target, "debug/rapport");
export const CHROMIUM = env.RAPPORT_CHROMIUM ?? "/usr/bin/chromium";
export const PORT = Number(env.RAPPORT_E2E_PORT ?? 8099);
export const DATA = env.RAPPORT_E2E_DATA ?? join(tmpdir(), `rapport-e2e-${PORT}`);
/** The store that `make bench-pages` generates. */
export const BENCH_STORE = env.RAPPORT_BENCH_STORE ?? join(tmpdir(), "rapport-bench/csv0");
