import type { Recipe } from "./columns/column-spec.js";
import type { TrainPlan } from "./plan/train-plan.js";

/** What a run's code repeats. */
export interface RunFacts {
  readonly plan: TrainPlan;
  readonly layers: readonly number[];
  readonly yRange: readonly [number, number] | undefined;
  readonly epochs: number;
  readonly patience: number;
  /** Epochs after which the time was over. */
  readonly stoppedAfter?: number | undefined;
  readonly lr: number;
  /** The path of the data, from the run's folder. */
  readonly data: string;
}

/** The same run as code: the same numbers, bit for bit. */
export function runCode(facts: RunFacts): string {
  const { plan, epochs, lr } = facts;
  const [imports, made] = plan.kind === "images" ? imageParts(facts) : tableParts(facts);
  return `// The run of \`lrfind train\` as code: the same data, split, model and rate, and so the same numbers, bit for bit.
// Run it with: npx tsx train.ts
${imports}

process.chdir(import.meta.dirname);
${made}

const records = await learn.fitOneCycle(${epochs}, {
  lrMax: ${lr}, // found by lrfind; again by: await learn.lrFind({ suggestFuncs: [edge] })
  cbs: [${callbacksOf(facts)}],
});
console.log(records.length, "epochs", await learn.validate());
${plan.kind === "images" ? 'await learn.export("model-again.onnx");' : 'await exportWithRecipe(learn, "model-again.onnx", recipe);'}
await learn[Symbol.asyncDispose]();
`;
}

function callbacksOf({ patience, stoppedAfter }: RunFacts): string {
  const always = `earlyStopping({ patience: ${patience} }), saveBest({ path: "best-again.safetensors" })`;
  if (stoppedAfter === undefined) return always;
  // A clock would not stop it at the same epoch again.
  return `${always}, {
    name: "timeLimit", keeps: "nothing", order: 80,
    afterEpoch({ record }) {
      if (record?.epoch === ${stoppedAfter - 1}) cancelFit("the time was over");
    },
  }`;
}

function tableParts({
  plan,
  layers,
  yRange,
  data,
  stoppedAfter,
}: RunFacts): readonly [imports: string, made: string] {
  if (plan.kind === "images") return ["", ""];
  const { recipe, target, catNames, contNames, seed, task, delimiter, encoding, textCol, batchSize } = plan;
  const isClass = task === "classification";
  const isText = plan.kind === "text";
  const names = [
    ...(stoppedAfter === undefined ? [] : ["cancelFit"]),
    "earlyStopping",
    "saveBest",
    ...(isClass ? ["stratifiedSplit"] : []),
    ...(isText ? ["textDataLoaders", "textLearner"] : ["tabularDataLoaders", "tabularLearner"]),
  ].sort();
  const read = { target, ...(delimiter && { delimiter }), ...(encoding && { encoding }) };
  const split = splitCode(plan);
  const columns = isText
    ? `textCol: ${JSON.stringify(textCol)}, labelCol: ${JSON.stringify(target)}, minFreq: 2,`
    : `catNames: ${JSON.stringify(catNames)},
  contNames: ${JSON.stringify(contNames)},
  yNames: ${JSON.stringify(target)}, yBlock: "${isClass ? "category" : "regression"}", missingTarget: "drop",`;
  const model = isText
    ? `textLearner(dls, { arch: "bag", embSize: 32, seed: ${seed} })`
    : `tabularLearner(dls, { layers: ${JSON.stringify(layers)}, ps: 0.1, seed: ${seed}${yRange ? `, yRange: ${JSON.stringify(yRange)}` : ""} })`;
  return [
    `import { ${names.join(", ")} } from "@lrfind/learner";
import { exportWithRecipe, readTidyTable } from "@lrfind/learner/train";`,
    `const recipe = ${recipeCode(recipe)};
const source = await readTidyTable(${JSON.stringify(data)}, { recipe, ...${JSON.stringify(read)} });
const dls = await ${isText ? "textDataLoaders" : "tabularDataLoaders"}({
  source,
  ${columns}
  batchSize: ${batchSize}, seed: ${seed},
  ${split}
});
const learn = ${model};`,
  ];
}

/** A recipe as code, a column a line. */
function recipeCode({ columns, missing }: Recipe): string {
  const lines = Object.entries(columns).map(
    ([name, spec]) => `    ${JSON.stringify(name)}: ${JSON.stringify(spec)},`,
  );
  return `{
  columns: {
${lines.join("\n")}
  },
  missing: ${JSON.stringify(missing)},
} as const`;
}

function splitCode({ task, validPct }: TrainPlan): string {
  return task === "classification"
    ? `splitter: (_, { seed, labels }) => stratifiedSplit(labels!, { validPct: ${validPct}, seed }),`
    : `validPct: ${validPct},`;
}

function imageParts({ plan, data, stoppedAfter }: RunFacts): readonly [imports: string, made: string] {
  if (plan.kind !== "images") return ["", ""];
  const { imageSize, seed, batchSize, hasParts } = plan;
  const names = [
    ...(stoppedAfter === undefined ? [] : ["cancelFit"]),
    ...["earlyStopping", "flip", "imageDataLoadersFromFolder", "saveBest"],
    ...(hasParts ? [] : ["stratifiedSplit"]),
  ];
  return [
    `import { ${names.join(", ")} } from "@lrfind/learner";
import { imageLearner } from "@lrfind/learner/train";`,
    `const dls = await imageDataLoadersFromFolder({
  path: ${JSON.stringify(data)}, size: ${imageSize}, normalize: "train",
  augment: [flip()], batchSize: ${batchSize}, seed: ${seed}, skipCorrupt: true,${hasParts ? "" : `\n  ${splitCode(plan)}`}
});
const learn = imageLearner(dls, ${seed});`,
  ];
}
