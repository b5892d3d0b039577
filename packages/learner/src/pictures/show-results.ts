import { describeTensor } from "@lrfind/engine";
import { formatLoss, plainText } from "lrfind/core";
import { DataLoader, subset } from "../data/index.js";
import { itemsOf } from "../data/internal.js";
import { type Learner, LearnerError, type Prediction } from "../learner/index.js";
import { countWrong, itemsPicture } from "./items/items-picture.js";
import { checkShow, type ShowOptions } from "./items/show-options.js";
import {
  type ItemMeaning,
  meaningOf,
  numbersText,
  shownItem,
  targetNames,
  targetText,
} from "./items/shown-item.js";
import type { Picture } from "./picture.js";
import { at } from "./show-batch.js";

/**
 * Items of the validation set, evenly spread over it, each with what it is and what the model makes of it; what is wrong is
 * marked.
 *
 * @param learn - A learner.
 * @param options - See `ShowOptions`.
 * @throws {OptionError} when an argument cannot be used.
 * @throws {LearnerError} when there is no validation set.
 *
 * @example
 * ```ts
 * console.log((await showResults(learn, { maxN: 6 })).toTerminal());
 * ```
 *
 * Source: fastai's `Learner.show_results`.
 */
export async function showResults(learn: Learner, options: ShowOptions = {}): Promise<Picture> {
  checkShow("showResults", learn, options);
  const { maxN = 9, signal } = options;
  const given = options.loader ?? learn.dls.valid;
  if (given === undefined || given.dataset.length === 0) {
    throw new LearnerError({
      where: "showResults",
      expected: "a validation set",
      got: "none",
      hint: "validPct above 0 when making the data loaders, or a loader",
    });
  }
  const { dataset } = given;
  const count = Math.min(maxN, dataset.length);
  const rows = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * dataset.length) / count));
  const meaning = meaningOf(learn.dls, given);
  const loader = new DataLoader({ dataset: subset(dataset, rows), batchSize: count }).inOrder();
  const preds = await learn.getPreds({ loader, ...(signal ? { signal } : {}) });
  const decoded = learn.decode(preds);
  const batch = await loader.batchAt(0, 0);
  const [inputs, targets] = [batch.inputs.map(itemsOf), batch.targets.map(itemsOf)];
  const items = decoded.map((prediction, i) => {
    const target = targetText(at(targets, i), meaning);
    const predicted = predictionText(prediction, meaning);
    return {
      shown: shownItem(at(inputs, i), meaning),
      labels: [
        { name: "actual", value: target },
        { name: "predicted", value: predicted },
      ],
      isWrong: isWrong(prediction, { target, predicted }),
    };
  });
  const isClass = decoded.some(saysClasses);
  const note = `${count} of ${dataset.length} items${isClass ? `, ${countWrong({ items })}` : ""}`;
  return itemsPicture("showResults", { title: "Results", note, items });
}

/**
 * The items of the validation set that the model does worst on, worst first: each with what it is, what the model makes of it,
 * the loss and, for classes, the probability that the model gives to what it is.
 *
 * @param learn - A learner.
 * @param options - See `ShowOptions`; all items of the set are looked at, `maxN` of them are shown.
 * @throws {OptionError} when an argument cannot be used.
 * @throws {LearnerError} when there is no validation set.
 *
 * @example
 * ```ts
 * await writeFile("worst.png", await (await plotTopLosses(learn)).toPng());
 * ```
 *
 * Source: fastai's `Interpretation.plot_top_losses`.
 */
export async function plotTopLosses(learn: Learner, options: ShowOptions = {}): Promise<Picture> {
  checkShow("plotTopLosses", learn, options);
  const { maxN = 9, loader, signal } = options;
  const top = await learn.topLosses(maxN, { ...(loader ? { loader } : {}), ...(signal ? { signal } : {}) });
  const given = loader ?? learn.dls.valid!;
  const { dataset } = given;
  const meaning = meaningOf(learn.dls, given);
  const predictions = top.map(
    ({ prediction, ending }) => learn.decode({ predictions: prediction, ...(ending ? { ending } : {}) })[0]!,
  );
  const items = top.map(({ inputs, targets, loss }, i) => {
    const decoded = predictions[i]!;
    const only = targets.map((target) => itemsOf(target)[0]!);
    const target = targetText(only, meaning);
    const predicted = predictionText(decoded, meaning);
    const actual = only[0] && decoded.index !== undefined ? Number(only[0].data[0]) : undefined;
    const share = actual === undefined ? undefined : decoded.probabilities?.[actual];
    return {
      shown: shownItem(
        inputs.map((input) => itemsOf(input)[0]!),
        meaning,
      ),
      labels: [
        { name: "actual", value: target },
        { name: "predicted", value: predicted },
        { name: "loss", value: formatLoss(loss) },
        ...(share === undefined
          ? []
          : [{ name: "probability", value: String(Number(share.toPrecision(2))) }]),
      ],
      isWrong: isWrong(decoded, { target, predicted }),
    };
  });
  const isClass = predictions.some(saysClasses);
  const note = `${items.length} of ${dataset.length} items${isClass ? `, ${countWrong({ items })}` : ""}`;
  return itemsPicture("plotTopLosses", { title: "Largest losses", note, items });
}

function predictionText(prediction: Prediction, meaning: ItemMeaning): string {
  const { label, labels, index, indices, numbers, output } = prediction;
  if (label !== undefined) return plainText(label);
  if (labels !== undefined) return plainText(labels.join(", ")) || "none";
  if (index !== undefined) return String(index);
  if (indices !== undefined) return indices.join(", ") || "none";
  if (numbers === undefined || numbers.length > 8) return describeTensor(output);
  return numbersText(numbers, targetNames(meaning));
}

function saysClasses({ index, indices, probabilities }: Prediction): boolean {
  return index !== undefined || indices !== undefined || probabilities !== undefined;
}

/** Numbers are never right to the last digit: only classes are wrong. */
function isWrong(
  prediction: Prediction,
  { target, predicted }: { readonly target: string; readonly predicted: string },
): boolean {
  return saysClasses(prediction) && target !== predicted;
}
