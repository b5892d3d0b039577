import {
  augment as augmentCheck,
  type Checks,
  checkDataOptions,
  classes,
  imageShape,
  instanceOf,
  own,
  required,
  rowNumbers,
} from "../checks.js";
import { DataError, integerOption } from "../errors.js";
import { type Augmentation, augmentedSize } from "../image/augment/augment.js";
import { augmentAndNormalize } from "../image/augment/pipeline.js";
import {
  checkNormalization,
  defaultScale,
  type ImageArray,
  identity,
  type Normalization,
} from "../image/normalization.js";
import { pixelsOf } from "../image/raw-image.js";
import { classLabels } from "../labels.js";
import type { Dataset } from "./dataset.js";
import { markRecycling, type RecyclingContext, spareArray } from "./recycling.js";
import { checkRows } from "./rows.js";

/** Images and their classes, in memory. */
export interface ArrayDatasetOptions extends ImageArray {
  /** The class of each image: an integer in [0, number of classes). */
  readonly labels: ArrayLike<number>;
  /** The classes' names, or their number. Default: one more than the largest label. */
  readonly classes?: readonly string[] | number;
  /**
   * How a stored value becomes an input.
   *
   * @default `scale` 1/255 for bytes and 1 for floats, `mean` 0, `std` 1: inputs in [0, 1].
   */
  readonly normalize?: Partial<Normalization>;
  /**
   * Random changes of training images, in this order, before they are normalised: scaled values should lie in
   * [0, 1]. A pure function of the batch's seed, epoch and step.
   *
   * @default []
   */
  readonly augment?: readonly Augmentation[];
}

const ARRAY_DATASET: Checks<ArrayDatasetOptions> = {
  images: required(own),
  shape: required(imageShape),
  labels: required(rowNumbers),
  classes,
  normalize: instanceOf(Object, "an object { mean, std }"),
  augment: augmentCheck,
};

/** A dataset of images, with what is done to their values. */
export interface ArrayDataset extends Dataset {
  readonly vocab: readonly string[];
  readonly normalization: Normalization;
}

/**
 * A dataset of labelled images held in memory. A batch has one input, float32 [size, channels, height, width]
 * (of the crop, where `augment` has one), and one target, int32 [size].
 *
 * Bytes stay bytes and are normalised as they are gathered, through a table of 256 values per channel.
 *
 * @param options - See `ArrayDatasetOptions`.
 * @throws DataError if there is no image, the number of values or labels does not fit, a label is out of range,
 *   or the normalisation does not fit the channels.
 *
 * @example
 * ```ts
 * const dataset = arrayDataset({ images, shape: [1, 28, 28], labels, classes: 10 });
 * ```
 */
export function arrayDataset(options: ArrayDatasetOptions): ArrayDataset {
  checkDataOptions("arrayDataset", options, ARRAY_DATASET);
  const { shape } = options;
  const images = pixelsOf("images", options.images);
  for (const [i, size] of shape.entries()) integerOption(`shape[${i}]`, size, 1);
  const [channels, height, width] = shape;
  const pixels = height * width;
  const rowSize = channels * pixels;
  if (images.length === 0) {
    throw new DataError({ where: "images", expected: "at least one image", got: "none" });
  }
  if (images.length % rowSize !== 0) {
    const expected = `a multiple of ${rowSize} values for images of [${shape.join(", ")}]`;
    throw new DataError({ where: "images", expected, got: String(images.length) });
  }
  const length = images.length / rowSize;
  if (options.labels.length !== length) {
    const expected = `${length}, one per image`;
    throw new DataError({ where: "labels", expected, got: String(options.labels.length) });
  }
  const { labels, vocab } = classLabels(options.labels, options.classes);
  const normalization = checkNormalization({ scale: defaultScale(images), ...options.normalize }, channels);
  const augment = options.augment ?? [];
  const size = augmentedSize(augment, [height, width]);
  // Augmentation works on values in [0, 1]; without it, one table look-up does all.
  const gathered = augment.length === 0 ? normalization : { ...normalization, ...identity(channels) };
  const gather = images instanceof Uint8Array ? byteGatherer(images) : floatGatherer(images);
  return markRecycling({
    length,
    inputs: [{ dtype: "float32", shape: [channels, ...size] }],
    targets: [{ dtype: "int32", shape: [] }],
    vocab,
    normalization,
    batch(rows: Uint32Array, context: RecyclingContext) {
      checkRows("batch", rows, length);
      const { into } = context;
      // Augmentation makes arrays of its own: what is gathered for it is not the batch's.
      const spare = augment.length === 0 ? into?.inputs[0] : undefined;
      const data = spareArray("float32", rows.length * rowSize, spare);
      const classes = spareArray("int32", rows.length, into?.targets[0]);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!;
        classes[i] = labels[row]!;
        for (let c = 0; c < channels; c++)
          gather(data, i * rowSize + c * pixels, row * rowSize + c * pixels, c);
      }
      const input =
        augment.length === 0
          ? data
          : augmentAndNormalize(
              { data, n: rows.length, channels, height, width },
              { augment, normalization },
              context,
            );
      return {
        inputs: [{ dtype: "float32", shape: [rows.length, channels, ...size], data: input }],
        targets: [{ dtype: "int32", shape: [rows.length], data: classes }],
        size: rows.length,
      };
    },
  });

  type Gather = (out: Float32Array, to: number, from: number, channel: number) => void;

  function byteGatherer(bytes: Uint8Array): Gather {
    const { scale, mean, std } = gathered;
    const tables = mean.map((m, c) =>
      Float32Array.from({ length: 256 }, (_, v) => (v * scale - m) / std[c]!),
    );
    return (out, to, from, channel) => {
      const table = tables[channel]!;
      for (let p = 0; p < pixels; p++) out[to + p] = table[bytes[from + p]!]!;
    };
  }

  function floatGatherer(floats: Float32Array): Gather {
    const { scale, mean, std } = gathered;
    return (out, to, from, channel) => {
      const m = mean[channel]!;
      const s = std[channel]!;
      for (let p = 0; p < pixels; p++) out[to + p] = (floats[from + p]! * scale - m) / s;
    };
  }
}
