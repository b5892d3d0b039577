/**
 * How good are the suggested rates? Prints the mean regret of each suggester on recorded trainings.
 *
 * Run: npx tsx bench/regret.ts
 */
import { tasks } from "../packages/lrfind/test/finder/recorded.js";
import { regretTable } from "./regret-table.js";

const sets = [
  ["main", tasks.filter(({ kind }) => kind === "main")],
  ["stress", tasks.filter(({ kind }) => kind === "stress")],
  ["all", tasks],
] as const;

console.log("Mean regret, ln(final validation loss / best of the grid), one-cycle training.\n");
for (const [name, chosen] of sets) {
  const curves = chosen.flatMap((task) => task.curves).length;
  console.log(`${name}: ${chosen.length} tasks, ${curves} curves`);
  for (const { name: suggester, mean, worst, silent } of regretTable(chosen)) {
    const none = silent === 0 ? "" : `, no rate for ${silent}`;
    console.log(
      `  ${suggester.padEnd(13)} ${mean.toFixed(3)}   worst ${worst.regret.toFixed(3)} (${worst.task})${none}`,
    );
  }
  console.log();
}
