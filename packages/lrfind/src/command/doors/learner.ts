import { packageDoor } from "../../modules/index.js";

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
 * The Learner's package.
 *
 * @throws {LrfindError} where it is not installed, with the line that installs it.
 */
export async function trainDoor(cwd: string): Promise<TrainDoor> {
  const wanted = {
    name: "@lrfind/learner",
    entry: "dist/train/index.js",
    purpose: "which trains",
    install: "@lrfind/learner onnxruntime-node",
  };
  return (await packageDoor(wanted, cwd)) as TrainDoor;
}
