import { textDataLoaders, textLearner } from "@lrfind/learner";
import { optimizerOf } from "./optimizers.js";

/**
 * Which of Jane Austen's six novels is a paragraph from?
 *
 * @param {{ readonly batchSize: number, readonly wd: number, readonly optFunc: string, readonly seed: number }} config
 */
export default async function make({ batchSize, wd, optFunc, seed }) {
  const dls = await textDataLoaders({
    source: new URL("../../examples/data/austen.csv.gz", import.meta.url),
    labelCol: "novel",
    minFreq: 2,
    batchSize,
    seed: 42,
  });
  return textLearner(dls, { arch: "bag", embSize: 32, optFunc: optimizerOf(optFunc), wd, seed });
}
