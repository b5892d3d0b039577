import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LrfindError } from "../core/index.js";

/** What the command asks of the Learner's package, which is not installed with this one: it brings the engine. */
export interface TrainDoor {
  planData(data: string, options: object): Promise<{ readonly lines: readonly string[] }>;
  trainData(data: string, options: object, host: object): Promise<TrainOutcome>;
  predictData(
    model: string,
    data: string,
    options: object,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** What a run came to, as far as the command tells it. */
export interface TrainOutcome {
  readonly plan: { readonly lines: readonly string[] };
  readonly lr: number;
  readonly metric: number;
  readonly baselines: object;
  readonly beatsBaselines: boolean;
  readonly folder: string;
  readonly files: readonly string[];
}

/**
 * The Learner's package: that of the folder where the command runs, else the one beside this package.
 *
 * @throws {LrfindError} where it is not installed, with the line that installs it.
 */
export async function trainDoor(cwd: string): Promise<TrainDoor> {
  for (const from of [pathToFileURL(join(cwd, "package.json")).href, import.meta.url]) {
    const found = located(from);
    if (found !== undefined) return (await import(found)) as TrainDoor;
  }
  throw new LrfindError({
    where: "lrfind",
    expected: "the package @lrfind/learner, which trains",
    got: "none",
    hint: "`npm install @lrfind/learner onnxruntime-node`",
  });
}

/** Its address, by the package's manifest: require knows no conditions of modules, and import takes no folder. */
function located(from: string): string | undefined {
  try {
    const manifest = createRequire(from).resolve("@lrfind/learner/package.json");
    return pathToFileURL(join(manifest, "../dist/train/index.js")).href;
  } catch {
    return undefined;
  }
}
