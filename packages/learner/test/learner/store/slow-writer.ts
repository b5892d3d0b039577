/**
 * Run as a process of its own: overwrites the file named by its argument, says "half" when half of it is written,
 * and then waits to be killed.
 */
import { writeAtomically } from "../../../src/learner/store/index.js";

async function* halves() {
  yield new Uint8Array(1 << 20).fill(1);
  console.log("half");
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  yield new Uint8Array(1 << 20).fill(2);
}

await writeAtomically(process.argv[2]!, halves());
