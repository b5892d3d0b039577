import { describeTensor, type Tensor } from "@lrfind/engine";
import { plainText } from "lrfind/core";
import type { Bitmap } from "lrfind/draw";
import {
  type DataLoader,
  type DataLoaders,
  ImageProcessor,
  TabularProcessor,
  TextProcessor,
} from "../../data/index.js";

/** An item as people read it: an image, or named values. */
export type ShownItem =
  | { readonly kind: "image"; readonly bitmap: Bitmap }
  | { readonly kind: "fields"; readonly fields: readonly Field[] };

/** A named value. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** What the numbers of items stand for. */
export type ItemMeaning = Pick<DataLoaders, "processor" | "vocab">;

/** What the numbers of a loader's items stand for: what its data loaders say, which know how images were normalised. */
export function meaningOf(dls: DataLoaders, { dataset }: DataLoader): ItemMeaning {
  const processor = dataset.processor ?? dls.processor;
  const vocab = dataset.vocab ?? dls.vocab;
  return { ...(processor ? { processor } : {}), ...(vocab ? { vocab } : {}) };
}

/** What a model was given, turned back into what it was made of. */
export function shownItem(inputs: readonly Tensor[], { processor }: ItemMeaning): ShownItem {
  if (processor instanceof TextProcessor) return { kind: "fields", fields: [textOf(inputs[0]!, processor)] };
  if (processor instanceof TabularProcessor) return { kind: "fields", fields: rowOf(inputs, processor) };
  const [first] = inputs;
  if (inputs.length === 1 && isImage(first!)) return { kind: "image", bitmap: bitmapOf(first!, processor) };
  return { kind: "fields", fields: inputs.map(tensorField) };
}

/** Whether an item, [channels, height, width], is grey or has three colours. */
function isImage({ shape, dtype }: Tensor): boolean {
  const [channels, height = 0, width = 0] = shape;
  return (
    shape.length === 3 && (channels === 1 || channels === 3) && height > 1 && width > 1 && dtype !== "bool"
  );
}

/** Normalised values as bytes: as the processor made them, else stretched from the lowest to the highest. */
function bitmapOf({ shape, data }: Tensor, processor: ItemMeaning["processor"]): Bitmap {
  const [channels, height, width] = shape as readonly [1 | 3, number, number];
  const pixels = height * width;
  const value = (i: number) => Number(data[i]);
  const bytes = new Uint8Array(channels * pixels);
  let [low, range] = [0, 1];
  if (!(processor instanceof ImageProcessor)) {
    let high = Number.NEGATIVE_INFINITY;
    low = Number.POSITIVE_INFINITY;
    for (let i = 0; i < data.length; i++) {
      if (!Number.isFinite(value(i))) continue;
      low = Math.min(low, value(i));
      high = Math.max(high, value(i));
    }
    range = high - low || 1;
  }
  const { mean, std } =
    processor instanceof ImageProcessor
      ? processor.spec.normalization
      : {
          mean: new Array<number>(channels).fill(-low / range),
          std: new Array<number>(channels).fill(1 / range),
        };
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < pixels; p++) {
      const share = value(c * pixels + p) * std[c]! + mean[c]!;
      bytes[p * channels + c] = Math.round(255 * Math.min(1, Math.max(0, share)));
    }
  }
  return { width, height, channels, data: bytes };
}

function rowOf(inputs: readonly Tensor[], { spec }: TabularProcessor): Field[] {
  const { catNames, contNames, categories, means, stds } = spec;
  const cat = catNames.length > 0 ? inputs[0] : undefined;
  const cont = contNames.length > 0 ? inputs.at(-1) : undefined;
  return [
    ...catNames.map((name, i) => ({
      name: plainText(name),
      value: plainText(categories[name]![Number(cat!.data[i])] ?? ""),
    })),
    ...contNames.map((name, i) => {
      const scaled = Number(cont!.data[i]);
      const value = Object.hasOwn(means, name) ? scaled * stds[name]! + means[name]! : scaled;
      return { name: plainText(name), value: numberText(value) };
    }),
  ];
}

function textOf({ data }: Tensor, { spec }: TextProcessor): Field {
  const tokens = Array.from(data as ArrayLike<number | bigint>, (index) => spec.tokens[Number(index)] ?? "");
  const value = tokens.filter((token) => token !== "xxpad").join(" ");
  return { name: "text", value: plainText(value) };
}

/** A few numbers of a tensor, or what it is. */
function tensorField(tensor: Tensor, i: number): Field {
  const values = Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  const value = values.length <= 8 ? values.map(numberText).join(" ") : describeTensor(tensor);
  return { name: `input ${i}`, value };
}

/**
 * What an item should be: a class, labels, or numbers.
 *
 * @param targets - Without the batch dimension.
 */
export function targetText(targets: readonly Tensor[], { vocab, processor }: ItemMeaning): string {
  const names = targetNames({ processor });
  return targets
    .map((target, t) => {
      const values = Array.from(target.data as ArrayLike<number | bigint>, Number);
      if (t === 0 && vocab) return classesOf(values, target, vocab);
      if (values.length > 8) return describeTensor(target);
      return numbersText(values, names);
    })
    .map(plainText)
    .join("; ");
}

/** What a table calls its targets; none elsewhere. */
export function targetNames({
  processor,
}: {
  readonly processor?: ItemMeaning["processor"] | undefined;
}): readonly string[] {
  return processor instanceof TabularProcessor ? processor.spec.yNames : [];
}

/** Numbers with their names, where there are several. */
export function numbersText(values: readonly number[], names: readonly string[]): string {
  const isNamed = names.length === values.length && values.length > 1;
  return values.map((value, i) => `${isNamed ? `${names[i]} ` : ""}${numberText(value)}`).join(", ");
}

function classesOf(values: readonly number[], target: Tensor, vocab: readonly string[]): string {
  if (values.length === 1) return vocab[values[0]!] ?? numberText(values[0]!);
  if (values.length !== vocab.length) return describeTensor(target);
  return vocab.filter((_, i) => values[i]! >= 0.5).join(", ") || "none";
}

/** A number as people write it: float32's rounding left out. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(6)));
}
