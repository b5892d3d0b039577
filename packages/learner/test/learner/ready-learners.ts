import { smallCnn } from "../../../engine/src/nn/index.js";
import { normal, randomUint32 } from "../../../engine/src/random/index.js";
import type {
  CollabDataLoaders,
  DataLoaders,
  TableRow,
  TabularDataLoaders,
  TextDataLoaders,
} from "../../src/data/index.js";
import {
  arrayDataset,
  collabDataLoaders,
  dataLoaders,
  flip,
  lighting,
  randomCrop,
  tabularDataLoaders,
  textDataLoaders,
} from "../../src/data/index.js";
import type { Learner } from "../../src/learner/index.js";
import { collabLearner, tabularLearner, textLearner, visionLearner } from "../../src/learner/index.js";

/** Single-threaded, as results may not depend on how many threads there are. */
export const runtime = { threads: 1 } as const;

/** An integer in [0, n), a function of its arguments. */
export function pick(n: number, stream: string, i: number): number {
  return randomUint32({ seed: 5, stream }, i) % n;
}

/** Images of 12 x 12, bright in the upper or the lower half; augmented in training. */
export function halves(options: { augmented?: boolean } = {}): DataLoaders {
  const count = 96;
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const images = Float32Array.from({ length: count * 144 }, (_, i) => {
    const upper = i % 144 < 72;
    const bright = upper === (labels[Math.floor(i / 144)] === 0);
    return 0.3 * Math.abs(normal({ seed: 5, stream: "images" }, i)) + (bright ? 0.5 : 0);
  });
  const augment = options.augmented ? [flip(), lighting(), randomCrop({ size: 12, padding: 1 })] : [];
  const dataset = arrayDataset({ images, shape: [1, 12, 12], labels, classes: ["upper", "lower"], augment });
  return dataLoaders(dataset, { batchSize: 16, seed: 5 });
}

/** Rows whose class is told by a category and a number, which some rows lack. */
export async function shapes(yBlock: "category" | "regression" = "category"): Promise<TabularDataLoaders> {
  const source: TableRow[] = Array.from({ length: 160 }, (_, i) => {
    const color = ["red", "green", "blue"][pick(3, "color", i)]!;
    const size = normal({ seed: 5, stream: "size" }, i);
    const isMissing = pick(8, "missing", i) === 0;
    const score = (color === "red" ? 1 : -1) + (isMissing ? 0 : size);
    return {
      color: pick(20, "color missing", i) === 0 ? null : color,
      size: isMissing ? null : size,
      weight: normal({ seed: 5, stream: "weight" }, i),
      y: yBlock === "category" ? (score > 0 ? "yes" : "no") : score,
    };
  });
  const columns = { catNames: ["color"], contNames: ["size", "weight"], yNames: "y" };
  return tabularDataLoaders({ source, ...columns, yBlock, batchSize: 16, seed: 5 });
}

/** Ratings by two kinds of people of two kinds of things: like likes like. */
export async function tastes(): Promise<CollabDataLoaders> {
  const source: TableRow[] = [];
  for (let user = 0; user < 24; user++) {
    for (let item = 0; item < 16; item++) {
      if (pick(5, "seen", user * 16 + item) === 0) continue;
      source.push({ user: `u${user}`, item: `i${item}`, rating: user % 2 === item % 2 ? 5 : 1 });
    }
  }
  return collabDataLoaders({ source, batchSize: 32, seed: 5 });
}

/** Texts of "la", among which is one "yes" or "no". */
export async function answers(options: { padFirst?: boolean } = {}): Promise<TextDataLoaders> {
  const source: TableRow[] = Array.from({ length: 160 }, (_, i) => {
    const label = i % 2 === 0 ? "yes" : "no";
    const words = new Array<string>(2 + pick(6, "length", i)).fill("la");
    words[pick(words.length, "place", i)] = label;
    return { text: words.join(" "), label };
  });
  return textDataLoaders({ source, batchSize: 16, seed: 5, ...options });
}

/** Every kind of ready-made learner on a small task, with dropout, batch-norm and augmentation where it has them. */
export const readyLearners: Readonly<Record<string, () => Promise<Learner>>> = {
  vision: () =>
    visionLearner(halves({ augmented: true }), (o) => smallCnn({ ...o, channels: [4, 8] }), {
      head: { linFtrs: [16] },
      runtime,
    }),
  tabular: async () => tabularLearner(await shapes(), { layers: [16, 8], ps: 0.2, embDrop: 0.1, runtime }),
  "collab, product": async () => collabLearner(await tastes(), { nFactors: 5, runtime }),
  "collab, net": async () =>
    collabLearner(await tastes(), { useNn: true, layers: [16], ps: 0.2, embDrop: 0.1, runtime }),
  "text, bag": async () => textLearner(await answers(), { arch: "bag", embSize: 8, runtime }),
  "text, LSTM": async () => textLearner(await answers(), { arch: "lstm", embSize: 8, hidden: 8, runtime }),
  "text, transformer": async () =>
    textLearner(await answers(), { arch: "transformer", dModel: 8, heads: 2, numLayers: 1, runtime }),
};
