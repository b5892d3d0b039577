import { tabularDataLoaders, tabularLearner } from "@lrfind/learner";
import { optimizerOf } from "./optimizers.js";

/**
 * In which phase of its flight did an aircraft hit a bird?
 *
 * @param {{ readonly batchSize: number, readonly wd: number, readonly optFunc: string, readonly seed: number }} config
 */
export default async function make({ batchSize, wd, optFunc, seed }) {
  const dls = await tabularDataLoaders({
    source: new URL("../../examples/data/birdstrikes.csv.gz", import.meta.url),
    catNames: ["Origin State", "Wildlife Size", "Wildlife Species", "Time of day", "Effect Amount of damage"],
    contNames: ["Speed IAS in knots"],
    yNames: "Phase of flight",
    batchSize,
    seed: 42,
  });
  return tabularLearner(dls, { layers: [100, 50], ps: 0.1, optFunc: optimizerOf(optFunc), wd, seed });
}
