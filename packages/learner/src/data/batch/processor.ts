import type { Tensor } from "@lrfind/engine";

/**
 * Makes one raw item what the model was trained on. It is fitted on the training part alone and is plain data
 * when written as JSON, so that it can be kept beside a model's weights.
 */
export interface Processor<Item = unknown> {
  /** Which processor it is, in its JSON too. */
  readonly kind: string;
  /** The inputs of a batch of one item. */
  process(item: Item): readonly Tensor[] | Promise<readonly Tensor[]>;
  /** Plain data that the class's `fromJSON` reads back. */
  toJSON(): object;
}
