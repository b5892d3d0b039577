/**
 * What it costs to refuse steps that would make the state NaN or infinite: the same training step with its sentinel
 * and without, as a ratio. Repetitions alternate.
 *
 *     npx tsx bench/finiteness.ts [case,…] [threads]
 */
import type { Graph } from "@lrfind/engine";
import { cases } from "./cases.js";
import { median } from "./median.js";
import { OurSteps, trainingGraphOf } from "./our-steps.js";

const wanted = process.argv[2]?.split(",") ?? cases.map(({ name }) => name);
const threads = Number(process.argv[3] ?? 1);
const repetitions = 31;

for (const bench of cases.filter(({ name }) => wanted.includes(name))) {
  const training = trainingGraphOf(bench);
  await using checked = await OurSteps.make(bench, { threads });
  await using unchecked = await OurSteps.make(bench, { threads }, withoutSentinel(training.graph));
  const sides = [
    { steps: checked, times: [] as number[] },
    { steps: unchecked, times: [] as number[] },
  ];
  for (let repetition = -1; repetition < repetitions; repetition++) {
    for (const { steps, times } of repetition % 2 === 0 ? sides : sides.toReversed()) {
      const startedAt = performance.now();
      for (let i = 0; i < bench.steps; i++) await steps.step();
      // The first repetition warms up.
      if (repetition >= 0) times.push((performance.now() - startedAt) / bench.steps);
    }
  }
  const [withCheck, without] = sides.map(({ times }) => median(times)) as [number, number];
  // Pairs lie side by side in time: what else the machine does falls on both.
  const ratio = median(sides[0]!.times.map((ms, i) => ms / sides[1]!.times[i]!));
  console.log(`${bench.title}, ${threads} thread(s), ms per step`);
  console.log(
    `  checked ${withCheck.toFixed(3)}, unchecked ${without.toFixed(3)}, ratio ${ratio.toFixed(3)}`,
  );
}

/** The graph without the output `sentinel` and what only leads there. */
function withoutSentinel(graph: Graph): Graph {
  const outputs = graph.outputs.filter(({ name }) => name !== "sentinel");
  const nodes = graph.nodes.filter(({ name }) => !name.startsWith("sentinel."));
  if (nodes.length === graph.nodes.length) throw new Error("the graph has no sentinel");
  return { ...graph, outputs, nodes };
}
