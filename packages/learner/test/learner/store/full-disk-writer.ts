/**
 * Run as a process of its own under a limit on the size of files: overwrites the file named by its argument with more
 * than that, and prints the error's code.
 */
import { writeAtomically } from "../../../src/learner/store/index.js";

await writeAtomically(process.argv[2]!, [new Uint8Array(1 << 20)]).catch((error: Error) => {
  console.log(error.name, (error.cause as NodeJS.ErrnoException).code);
});
