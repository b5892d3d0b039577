import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flatten, linear, sequential, smallCnn } from "../packages/engine/src/nn/index.js";
import type { SessionOptions } from "../packages/engine/src/runtime/index.js";
import type { Augmentation } from "../packages/learner/src/data/index.js";
import {
  arrayDataset,
  DataLoader,
  dataLoaders,
  flip,
  permutation,
  randomCrop,
  readIdx,
  subset,
} from "../packages/learner/src/data/index.js";
import type { Learner } from "../packages/learner/src/learner/index.js";
import { visionLearner } from "../packages/learner/src/learner/index.js";
import { edge } from "../packages/lrfind/src/finder/index.js";

/** How large the experiment is. */
export interface TransferOptions {
  readonly seed: number;
  /**
   * Files to pretrain from: "train", the 60,000 images of Debian's package dataset-fashion-mnist, or "test", the 10,000
   * that come with the examples.
   */
  readonly source: "train" | "test";
  /** Images of each class of the first half to pretrain on, at most 6,000 or 1,000. */
  readonly pretrainPerClass: number;
  readonly pretrainEpochs: number;
  /** Images of each class of the second half to train on. */
  readonly perClass: number;
  /** Epochs on the second half, frozen ones counted. */
  readonly epochs: number;
  /** Held-out images of each class of the second half. */
  readonly testPerClass: number;
  readonly runtime?: SessionOptions;
}

/** Accuracy on the held-out images of the second half, by way of training. */
export interface TransferAccuracies {
  /** New weights, one-cycle at the rate that `lrFind` suggests. */
  readonly scratch: number;
  /** New weights, one-cycle at the best of that rate and `SCRATCH_RATES`, chosen by the held-out images. */
  readonly bestScratch: number;
  /** The pretrained body, by `fineTune` at the rate that `lrFind` suggests for the frozen learner. */
  readonly fineTune: number;
  /** One frozen epoch, then all groups at the one rate that `lrFind` suggests. */
  readonly oneRate: number;
  /** One frozen epoch, then each group at the rate that `lrFind({ groups: "each" })` suggests for it. */
  readonly rateEach: number;
}

/**
 * Classes of the two halves: T-shirts, coats, dresses, sandals, boots; then pullovers, shirts, trousers, sneakers, bags.
 * Tops, other garments and shoes are in both: a body that has never seen a shoe has nothing to tell about them.
 */
const HALVES = { pretrain: [0, 4, 3, 5, 9], target: [2, 6, 1, 7, 8] } as const;
/** For pretraining only: five images of a class cannot teach what a shift or a mirror leaves alone, these thousands can. */
const AUGMENT = [flip(), randomCrop({ size: 28, padding: 3 })];
/** What nobody can know beforehand: an upper bound for training from scratch. */
const SCRATCH_RATES = [0.001, 0.003, 0.01, 0.03, 0.1] as const;
/** Where Debian's package dataset-fashion-mnist puts its files. */
const TRAIN_FILES = "/usr/share/datasets/fashion-mnist/train-";
const EDGE = { suggestFuncs: [edge] } as const;

const arch = (options: { inChannels: number }) => smallCnn({ ...options, channels: [16, 32, 64] });
// Without a global pool: where a feature lies in the image tells garments apart.
const head = sequential(flatten(), linear(64 * 3 * 3, 5));

/** Whether Debian's package dataset-fashion-mnist is installed. */
export function hasTrainFiles(): boolean {
  return existsSync(`${TRAIN_FILES}images-idx3-ubyte.gz`);
}

/**
 * Trains a body on five classes of Fashion-MNIST, exports it, reads it back from its `.onnx` file, and compares what it
 * is worth on a few images of the other five classes.
 */
export async function transfer(options: TransferOptions): Promise<TransferAccuracies> {
  const { seed, epochs, runtime = {} } = options;
  const folder = await mkdtemp(join(tmpdir(), "lrfind-transfer-"));
  try {
    const file = join(folder, "body.onnx");
    await pretrain(file, options);
    const { few, test } = await targetLoaders(options);
    const measure = async (
      made: Promise<Learner>,
      train: (learner: Learner) => Promise<unknown>,
    ): Promise<number> => {
      await using learner = await made;
      await train(learner);
      return (await learner.validate({ loader: test })).metrics["accuracy"]!;
    };
    const untrained = () => visionLearner(few, arch, { head, seed, runtime });
    const pretrained = () => visionLearner(few, file, { head, seed, runtime });
    const thawed = async (learner: Learner, groups: "each" | "together") => {
      learner.freeze();
      await learner.fitOneCycle(1, { lrMax: await learner.lrFind(EDGE) });
      learner.unfreeze();
      await learner.fitOneCycle(epochs - 1, { lrMax: await learner.lrFind({ ...EDGE, groups }) });
    };
    const scratch = await measure(untrained(), async (learner) =>
      learner.fitOneCycle(epochs, { lrMax: await learner.lrFind(EDGE) }),
    );
    let bestScratch = scratch;
    for (const lrMax of SCRATCH_RATES) {
      const accuracy = await measure(untrained(), (learner) => learner.fitOneCycle(epochs, { lrMax }));
      bestScratch = Math.max(bestScratch, accuracy);
    }
    return {
      scratch,
      bestScratch,
      fineTune: await measure(pretrained(), async (learner) => {
        learner.freeze();
        // A body as small as this has to learn too: its rate is half of the head's, not a hundredth.
        await learner.fineTune(epochs - 1, { baseLr: await learner.lrFind(EDGE), lrMult: 2 });
      }),
      oneRate: await measure(pretrained(), (learner) => thawed(learner, "together")),
      rateEach: await measure(pretrained(), (learner) => thawed(learner, "each")),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function pretrain(file: string, options: TransferOptions): Promise<void> {
  const { seed, source, pretrainPerClass, pretrainEpochs, runtime = {} } = options;
  const { dataset, rows } = await halfOf("pretrain", source, seed, AUGMENT);
  const chosen = rows.flatMap((ofClass) => ofClass.slice(0, pretrainPerClass));
  const dls = dataLoaders(subset(dataset, chosen), { validPct: 0, seed });
  await using learner = await visionLearner(dls, arch, { head, seed, runtime });
  await learner.fitOneCycle(pretrainEpochs, { lrMax: await learner.lrFind(EDGE) });
  await learner.export(file);
}

async function targetLoaders({ seed, perClass, testPerClass }: TransferOptions) {
  const { dataset, rows } = await halfOf("target", "test", seed);
  const few = rows.flatMap((ofClass) => ofClass.slice(0, perClass));
  const rest = rows.flatMap((ofClass) => ofClass.slice(perClass, perClass + testPerClass));
  return {
    // All at once: batch-norm's statistics over a handful of images would be noise.
    few: dataLoaders(subset(dataset, few), { validPct: 0, batchSize: few.length, seed }),
    test: new DataLoader({ dataset: subset(dataset, rest), batchSize: 100 }),
  };
}

/** Half of the images as a dataset of five classes, and the rows of each class in random order. */
async function halfOf(
  half: keyof typeof HALVES,
  source: TransferOptions["source"],
  seed: number,
  augment: readonly Augmentation[] = [],
) {
  const file = (name: string) =>
    source === "train"
      ? `${TRAIN_FILES}${name}.gz`
      : new URL(`../examples/data/t10k-${name}.gz`, import.meta.url);
  const [images, labels] = await Promise.all([
    readIdx(file("images-idx3-ubyte")),
    readIdx(file("labels-idx1-ubyte")),
  ]);
  const classes: readonly number[] = HALVES[half];
  const order = permutation(labels.data.length, { seed, stream: half });
  const rows = classes.map((label) => Array.from(order).filter((row) => labels.data[row] === label));
  const dataset = arrayDataset({
    images: images.data as Uint8Array,
    shape: [1, 28, 28],
    // Images of the other half are never asked for.
    labels: Array.from(labels.data, (label) => Math.max(0, classes.indexOf(Number(label)))),
    classes: classes.map(String),
    normalize: { mean: [0.286], std: [0.353] },
    augment,
  });
  return { dataset, rows };
}
