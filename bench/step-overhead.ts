/**
 * What a step costs around ONNX Runtime: the same training step run by ONNX Runtime's own interface on tensors made
 * beforehand, by a session, and by a session in a thread of its own. Repetitions alternate; medians.
 *
 *     npx tsx bench/step-overhead.ts [case,…]
 */
import { encodeModel } from "@lrfind/engine";
import ort from "onnxruntime-node";
import { cases } from "./cases.js";
import { median } from "./median.js";
import { firstFeeds, OurSteps, trainingGraphOf } from "./our-steps.js";

const wanted = process.argv[2]?.split(",") ?? ["mlp", "cnn"];
const repetitions = 15;

for (const bench of cases.filter(({ name }) => wanted.includes(name))) {
  const bare = await bareStep();
  await using direct = await OurSteps.make(bench, { threads: 1 });
  await using threaded = await OurSteps.make(bench, { threads: 1, worker: true });
  const ways = { "ONNX Runtime alone": bare, session: () => direct.step(), worker: () => threaded.step() };
  const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  for (let repetition = -1; repetition < repetitions; repetition++) {
    for (const [name, step] of Object.entries(ways)) {
      const startedAt = performance.now();
      for (let i = 0; i < bench.steps; i++) await step();
      // The first repetition warms up.
      if (repetition >= 0) times.get(name)!.push((performance.now() - startedAt) / bench.steps);
    }
  }
  const base = median(times.get("ONNX Runtime alone")!);
  console.log(`${bench.title}, 1 thread, ms per step`);
  for (const [name, list] of times) {
    const ms = median(list);
    console.log(`  ${name.padEnd(20)} ${ms.toFixed(3)}  (+${(ms - base).toFixed(3)})`);
  }

  async function bareStep(): Promise<() => Promise<unknown>> {
    const training = trainingGraphOf(bench);
    const session = await ort.InferenceSession.create(encodeModel(training.graph), {
      intraOpNumThreads: 1,
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
    });
    const feeds: Record<string, ort.Tensor> = {};
    for (const [name, { dtype, data, shape }] of Object.entries(firstFeeds(bench, training))) {
      feeds[name] = new ort.Tensor(dtype as "float32", data as Float32Array, shape);
    }
    const fetches: Record<string, ort.Tensor> = {};
    for (const { name, shape } of training.graph.outputs) {
      const size = shape.reduce((a, b) => a * b, 1);
      fetches[name] = new ort.Tensor("float32", new Float32Array(size), shape);
    }
    return () => session.run(feeds, fetches);
  }
}
