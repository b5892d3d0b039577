/**
 * Draws the curves of docs/reading-the-plot.md: made-up range tests, of the shapes that real ones have.
 *
 * Run: npm run curves
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RandomSequence } from "@lrfind/engine";
import { edge, lrFind, minimum, slide, steep, type Trainer, valley } from "lrfind";
import { toSvg } from "lrfind/plot";
import { root } from "./packages.js";

/** The loss of a mini-batch at the i-th rate, without noise, and how much noise there is. */
interface Shape {
  readonly title: string;
  readonly noise: number;
  loss(lr: number): number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const fall = (lr: number, at: number) => sigmoid(3.2 * Math.log10(lr / at));

/** By the names of their files. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  good: {
    title: "A good curve",
    noise: 0.06,
    loss: (lr) =>
      2.3 - 1.7 * sigmoid(5 * Math.log10(lr / 3e-3)) + 6 * Math.max(0, Math.log10(lr / 0.06)) ** 2,
  },
  "still-falling": {
    title: "Still falling at the end",
    noise: 0.06,
    loss: (lr) => 2.3 - 1.7 * fall(lr, 1),
  },
  "too-early": {
    title: "Blown up at once",
    noise: 0.06,
    loss: (lr) => 2.3 + 40 * Math.max(0, Math.log10(lr / 4e-7)) ** 2,
  },
  flat: {
    title: "Never fell",
    noise: 0.003,
    loss: () => 2.3,
  },
  noisy: {
    title: "Too noisy",
    noise: 0.55,
    loss: (lr) => 2.3 - 0.5 * fall(lr, 3e-3) + 3 * Math.max(0, Math.log10(lr / 0.5)) ** 2,
  },
};

/** A training of a shape: the loss hangs on the rate alone, and scatters. */
function trainerOf({ loss, noise }: Shape): Trainer {
  return {
    async startTrial() {
      const random = new RandomSequence({ seed: 7 });
      return {
        step: async (lr) => loss(lr as number) + noise * random.normal(),
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}

/** The picture of a shape, and the warnings about it. */
export async function drawn(
  shape: Shape,
): Promise<{ readonly svg: string; readonly kinds: readonly string[] }> {
  const result = await lrFind(trainerOf(shape), { suggestFuncs: [valley, slide, steep, minimum, edge] });
  const svg = await toSvg(result, { title: shape.title, width: 720, height: 380 });
  return { svg, kinds: result.diagnostics.map(({ kind }) => kind) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(join(root, "docs/curves"), { recursive: true });
  for (const [name, shape] of Object.entries(SHAPES)) {
    const { svg, kinds } = await drawn(shape);
    writeFileSync(join(root, `docs/curves/${name}.svg`), svg);
    console.log(name, kinds.join(", "));
  }
}
