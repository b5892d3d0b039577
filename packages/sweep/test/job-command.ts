import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

const root = join(import.meta.dirname, "../../..");

/** Where packages are found that are not bundled: inside the repository; a folder for each process of tests. */
const out = join(root, `node_modules/.cache/sweep-tests/${process.pid}`);

process.on("exit", () => rmSync(out, { recursive: true, force: true }));

/** A module of these tests as one file, with the packages' sources in it: it starts several times as fast, and needs no build. */
export function bundled(path: string, name: string): string {
  mkdirSync(out, { recursive: true });
  const outfile = join(out, name);
  buildSync({
    entryPoints: [path],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    tsconfig: join(root, "tsconfig.json"),
    alias: { "#onnxruntime-node": "onnxruntime-node", "#canvas": "@napi-rs/canvas" },
    external: ["onnxruntime-node", "@napi-rs/canvas", "bullmq", "ioredis"],
    // What is CommonJS inside asks for Node's modules so.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    logLevel: "error",
  });
  return outfile;
}

/** The command of a job, of the sources. */
export const JOB_COMMAND: readonly string[] = [
  process.execPath,
  bundled(join(import.meta.dirname, "../src/job/main.ts"), "job.mjs"),
];

/** The module that makes the toy learner. */
export const TOY = bundled(join(import.meta.dirname, "toy-model.ts"), "toy-model.mjs");
