import { join } from "node:path";
import { decodeImage } from "../../data/index.js";
import { DataError, type FoundImages, findImages } from "../../data/internal.js";
import type { TrainDataOptions } from "../options.js";
import { listed } from "./listed.js";
import { setupLines, setupOf, trainedOf } from "./setup.js";
import type { ImagePlan } from "./train-plan.js";

/** Images are brought to no more than this, where nobody says. */
const LARGEST = 64;
/** So many of a folder's images tell how large they are. */
const LOOKED_AT = 9;

/** What would be trained on a folder of images. */
export async function imagePlan(data: string, options: TrainDataOptions): Promise<ImagePlan> {
  const { seed = 42, validPct = 0.2 } = options;
  refuseTableOptions(options);
  const found = await findImages(data);
  const { files, split, warnings } = found;
  const classes = countsOf(found);
  if (classes.size < 2) {
    const got = `one: ${JSON.stringify([...classes.keys()][0])}`;
    const hint = `a folder of folders, as in ${join(data, "cat")} and ${join(data, "dog")}`;
    throw new DataError({ where: data, expected: "two classes or more, a folder each", got, hint });
  }
  const trained = split?.train.length ?? trainedOf(files.length, validPct);
  const imageSize = options.imageSize ?? (await sizeOf(files.map(({ path }) => path)));
  const setup = setupOf({ kind: "images", task: "classification" }, { ...options, trained });
  const names = [...classes.keys()];
  const held = split ? "as the folders say" : `${validPct * 100} % of each class (--valid-pct)`;
  return {
    kind: "images",
    data,
    task: "classification",
    ...setup,
    imageSize,
    seed,
    validPct,
    items: files.length,
    classes: names,
    hasParts: split !== undefined,
    lines: [
      `${data}: ${files.length} images, the folder's name is the class`,
      ...warnings,
      `the target: one of ${names.length} classes (classification): ${listed(names)}${rareWords(classes)}`,
      `held out: ${held}`,
      `every image is brought to ${imageSize} x ${imageSize} pixels (--image-size); those trained on are mirrored at random`,
      ...setupLines(setup, options),
    ],
  };
}

function countsOf({ files }: FoundImages): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { label } of files) counts.set(label, (counts.get(label) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function rareWords(counts: ReadonlyMap<string, number>): string {
  const [name, images] = [...counts].sort(([, a], [, b]) => a - b)[0]!;
  return images >= 10
    ? ""
    : `; the rarest, ${JSON.stringify(name)}, has ${images} ${images === 1 ? "image" : "images"}`;
}

/** Small images are not blown up: their smaller side's median, in steps of 8 pixels. */
async function sizeOf(paths: readonly string[]): Promise<number> {
  const sides: number[] = [];
  for (let i = 0; i < Math.min(LOOKED_AT, paths.length); i++) {
    const path = paths[Math.floor((i * paths.length) / Math.min(LOOKED_AT, paths.length))]!;
    try {
      const { shape } = await decodeImage(path);
      sides.push(Math.min(shape[1], shape[2]));
    } catch (error) {
      // Those that cannot be read are found, and said, when all are.
      if (!(error instanceof DataError)) throw error;
    }
  }
  sides.sort((a, b) => a - b);
  const side = sides[sides.length >> 1] ?? LARGEST;
  return Math.min(LARGEST, Math.max(16, 8 * Math.ceil(side / 8)));
}

/** Images have no columns. */
function refuseTableOptions(options: TrainDataOptions): void {
  const names = [
    "target",
    "types",
    "ignore",
    "delimiter",
    "encoding",
    "decimal",
    "dates",
    "missing",
    "layers",
  ] as const;
  const given = names.find((name) => options[name] !== undefined);
  if (given !== undefined)
    throw new DataError({
      where: given,
      expected: "none, for a folder of images",
      got: "one",
      hint: `leaving ${given} out`,
    });
  if (options.task === "regression")
    throw new DataError({
      where: "task",
      expected: "classification, for a folder of images",
      got: "regression",
    });
}
