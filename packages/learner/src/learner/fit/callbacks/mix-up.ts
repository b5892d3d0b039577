import type { Tensor } from "@lrfind/engine";
import { beta, permutation, RandomSequence } from "@lrfind/engine";
import { type Checks, number } from "lrfind/core";
import type { Batch } from "../../../data/index.js";
import { checkLearnerOptions } from "../../checks.js";
import { LearnerError } from "../../errors.js";
import type { Callback, FitLoop } from "./callback.js";

/** How mini-batches are mixed. */
export interface MixOptions {
  /**
   * Both shapes of the beta distribution that the share λ is drawn from; above 0. Small ones leave most mini-batches nearly
   * as they are, 1 draws all shares alike.
   */
  readonly alpha?: number;
}

const OPTIONS: Checks<MixOptions> = { alpha: number({ above: 0 }) };

/**
 * Trains on mixtures: each mini-batch becomes `λ x + (1 − λ) x'`, x' being its own items in another order, and the loss
 * `λ L(y) + (1 − λ) L(y')` (see `mixedLoss`), with λ of Beta(alpha, alpha), one for each mini-batch. Validation is as ever.
 *
 * Shares and orders follow from the learner's seed, the epoch and the step of the fit, so that a fit that is resumed goes on
 * with the same.
 *
 * @param options.alpha - Default: 0.4.
 * @throws {LearnerError} from `fit`, for inputs that are no floats: tokens and categories cannot be mixed.
 *
 * @example
 * ```ts
 * await learn.fitOneCycle(20, { cbs: [mixUp()] });
 * ```
 *
 * Source: Zhang, Cisse, Dauphin, Lopez-Paz, mixup: Beyond Empirical Risk Minimization (2018); the default is fastai's
 * `MixUp`, which draws a share for each item.
 */
export function mixUp(options: MixOptions = {}): Callback {
  checkLearnerOptions("mixUp", options, OPTIONS);
  const { alpha = 0.4 } = options;
  return mixing("mixUp", (batch, random) => {
    const share = beta(random, alpha, alpha);
    const inputs = batch.inputs.map((input) => blended(floats("mixUp", input), batch.order, share));
    return { inputs, share };
  });
}

/**
 * Trains on images with a rectangle of another: each mini-batch gets, at one place, what its items have there in another
 * order, and the loss is mixed by the areas (see `mixedLoss`). With λ of Beta(alpha, alpha) the rectangle has `√(1 − λ)` of
 * the height and of the width, about a point that is anywhere; what lies outside is cut off, and λ is the share that stays.
 *
 * @param options.alpha - Default: 1.
 * @throws {LearnerError} from `fit`, for inputs that are no images: [N, C, H, W] of floats.
 *
 * @example
 * ```ts
 * await learn.fitOneCycle(20, { cbs: [cutMix()] });
 * ```
 *
 * Source: Yun, Han, Oh, Chun, Choe, Yoo, CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
 * Features (2019), algorithm A1; fastai's `CutMix`.
 */
export function cutMix(options: MixOptions = {}): Callback {
  checkLearnerOptions("cutMix", options, OPTIONS);
  const { alpha = 1 } = options;
  return mixing("cutMix", (batch, random) => {
    const images = batch.inputs.map((input) => imagesOf(floats("cutMix", input)));
    const [, , height, width] = images[0]!.shape as [number, number, number, number];
    const other = images.find(({ shape }) => shape[2] !== height || shape[3] !== width);
    if (other) {
      const expected = `inputs of one size, as one place is cut from all: ${height} x ${width}`;
      throw new LearnerError({
        where: "cutMix",
        expected,
        got: `[${other.shape.join(", ")}]`,
        hint: "mixUp",
      });
    }
    const side = Math.sqrt(1 - beta(random, alpha, alpha));
    const [top, bottom] = interval(random, side, height);
    const [left, right] = interval(random, side, width);
    const place = { top, bottom, left, right };
    const share = 1 - ((bottom - top) * (right - left)) / (height * width);
    return { inputs: images.map((image) => pasted(image, batch.order, place)), share };
  });
}

interface Mixture {
  readonly inputs: readonly Tensor[];
  readonly share: number;
}

/** A callback that mixes each mini-batch with its own items in another order. */
function mixing(
  name: string,
  mix: (batch: Batch & { readonly order: Uint32Array }, random: RandomSequence) => Mixture,
): Callback {
  return {
    name,
    // The mixture is new; of the mini-batch that it is made of only the targets are in it.
    keeps: "nothing",
    beforeBatch(loop) {
      loop.batches = loop.batches.map((batch, part) => mixedBatch(loop, part, batch));
    },
  };

  function mixedBatch({ learner, epoch, step }: FitLoop, part: number, batch: Batch): Batch {
    if (batch.mix) {
      throw new LearnerError({
        where: name,
        expected: "mini-batches that are not mixed yet",
        got: "mixed ones",
        hint: "one of mixUp and cutMix",
      });
    }
    const key = { seed: learner.seed, stream: `${name}/${part}`, epoch, step };
    const order = permutation(batch.size, { ...key, stream: `${name}/order/${part}` });
    const { inputs, share } = mix({ ...batch, order }, new RandomSequence(key));
    return {
      ...batch,
      inputs,
      mix: { targets: batch.targets.map((target) => inOrder(target, order)), share },
    };
  }
}

function floats(where: string, input: Tensor): Tensor<"float32"> {
  if (input.dtype === "float32") return input as Tensor<"float32">;
  throw new LearnerError({
    where,
    expected: "inputs of floats",
    got: `${input.dtype}[${input.shape.join(", ")}]`,
  });
}

function imagesOf(input: Tensor<"float32">): Tensor<"float32"> {
  if (input.shape.length === 4) return input;
  throw new LearnerError({
    where: "cutMix",
    expected: "images, [N, C, H, W]",
    got: `[${input.shape.join(", ")}]`,
    hint: "mixUp",
  });
}

/** A tensor's items in another order. */
function inOrder(tensor: Tensor, order: Uint32Array): Tensor {
  const size = tensor.data.length / order.length;
  const data = tensor.data.slice();
  for (const [to, from] of order.entries()) {
    data.set(tensor.data.subarray(from * size, (from + 1) * size) as never, to * size);
  }
  return { ...tensor, data } as Tensor;
}

function blended({ data, ...type }: Tensor<"float32">, order: Uint32Array, share: number): Tensor<"float32"> {
  const size = data.length / order.length;
  const mixed = new Float32Array(data.length);
  for (const [to, from] of order.entries()) {
    const shift = (from - to) * size;
    for (let i = to * size; i < (to + 1) * size; i++)
      mixed[i] = share * data[i]! + (1 - share) * data[i + shift]!;
  }
  return { ...type, data: mixed };
}

interface Place {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Where a part of `share` of a length lies about a point that is anywhere in it; cut off at its ends. */
function interval(random: RandomSequence, share: number, length: number): [number, number] {
  const centre = random.int(length);
  const half = Math.floor((length * share) / 2);
  return [Math.max(0, centre - half), Math.min(length, centre + half)];
}

function pasted(
  { data, shape, dtype }: Tensor<"float32">,
  order: Uint32Array,
  place: Place,
): Tensor<"float32"> {
  const [, channels, height, width] = shape as [number, number, number, number];
  const size = channels * height * width;
  const mixed = data.slice();
  for (const [to, from] of order.entries()) {
    for (let channel = 0; channel < channels; channel++) {
      for (let y = place.top; y < place.bottom; y++) {
        const row = (channel * height + y) * width;
        const part = data.subarray(from * size + row + place.left, from * size + row + place.right);
        mixed.set(part, to * size + row + place.left);
      }
    }
  }
  return { dtype, shape, data: mixed };
}
