import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** What compresses; pictures and fonts have their own compression. */
const COMPRESSIBLE = /\.(html|js|css|svg|json|webmanifest)$/;
/** Below this a packet holds the file anyway. */
const SMALLEST_BYTES = 1_000;

/** Writes `.br` and `.gz` beside what was built, so that the server never compresses a page twice. */
export function precompress(): Plugin {
  let folder = "dist";
  return {
    name: "rapport-precompress",
    apply: "build",
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const path of filesBelow(folder).filter((path) => COMPRESSIBLE.test(path))) {
        const bytes = readFileSync(path);
        if (bytes.length < SMALLEST_BYTES) continue;
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
