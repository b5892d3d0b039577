import type { BatchContext } from "../../batch/dataset.js";
import { DataError, describe } from "../../errors.js";
import { applyFlip, type Flip } from "./flip.js";
import type { AugmentContext, ImageBatch } from "./image-batch.js";
import { applyLighting, type Lighting } from "./lighting.js";
import { applyRandomCrop, croppedSize, type RandomCrop } from "./random-crop.js";
import { applyRotate, type Rotate } from "./rotate.js";

/** A random change of training images: plain data, made by `flip`, `randomCrop`, `rotate` or `lighting`. */
export type Augmentation = Flip | RandomCrop | Rotate | Lighting;

type Apply<A extends Augmentation> = (batch: ImageBatch, spec: A, context: AugmentContext) => ImageBatch;

/** How each kind is done; a kind without an entry does not compile. */
const appliers: { readonly [K in Augmentation["kind"]]: Apply<Extract<Augmentation, { kind: K }>> } = {
  flip: applyFlip,
  randomCrop: applyRandomCrop,
  rotate: applyRotate,
  lighting: applyLighting,
};

/**
 * Augments a batch of images, one change after the other: a pure function of the images, the specs and the
 * context. Outside training only crops do something: they cut out the middle.
 *
 * @param batch - Images in [0, 1]; they may be changed in place.
 * @param specs - What to do.
 * @param context - The batch's seed, epoch and step, and whether it is trained on.
 * @returns The images, in the same array or another.
 */
export function augmentImages(
  batch: ImageBatch,
  specs: readonly Augmentation[],
  context: BatchContext,
): ImageBatch {
  let augmented = batch;
  for (const [position, spec] of specs.entries()) {
    if (!context.training && spec.kind !== "randomCrop") continue;
    // TypeScript does not see that a kind and its entry belong together.
    const apply = appliers[spec.kind] as Apply<Augmentation>;
    augmented = apply(augmented, spec, { ...context, position });
  }
  return augmented;
}

/**
 * Checks augmentations, and the size that they leave.
 *
 * @throws DataError if a kind is unknown, an option is out of its range or a crop is larger than the images.
 */
export function augmentedSize(
  specs: readonly Augmentation[],
  size: readonly [height: number, width: number],
): readonly [height: number, width: number] {
  let left = size;
  for (const [position, spec] of specs.entries()) {
    const where = `augment[${position}]`;
    const within = (name: string, value: unknown, isIn: (x: number) => boolean, range: string) => {
      if (typeof value !== "number" || !isIn(value)) {
        throw new DataError({
          where: `${where}: ${name}`,
          expected: `a number in ${range}`,
          got: describe(value),
        });
      }
    };
    if (!Object.hasOwn(appliers, spec.kind)) {
      const expected = `one of ${Object.keys(appliers).join(", ")}`;
      throw new DataError({ where: `${where}: kind`, expected, got: describe(spec.kind) });
    }
    if (spec.kind === "randomCrop") left = croppedSize(spec, left);
    else within("p", spec.p, (p) => p >= 0 && p <= 1, "[0, 1]");
    if (spec.kind === "rotate") {
      within("maxDegrees", spec.maxDegrees, (d) => d >= 0 && d <= 180, "[0, 180]");
      if (!["zeros", "border", "reflection"].includes(spec.padMode)) {
        const expected = `"zeros", "border" or "reflection"`;
        throw new DataError({ where: `${where}: padMode`, expected, got: describe(spec.padMode) });
      }
    }
    if (spec.kind === "lighting") within("maxLighting", spec.maxLighting, (m) => m >= 0 && m < 1, "[0, 1)");
  }
  return left;
}
