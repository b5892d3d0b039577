/**
 * Run as a process of its own: exports two versions of a model in turn over the file named by its argument, each in two
 * files, and says so each time, until it is killed.
 */
import { exportTo } from "../../../../src/learner/use/export.js";
import { versions } from "./versions.js";

const path = process.argv[2]!;
for (let i = 0; ; i++) {
  await exportTo(path, versions[i % 2]!, { externalData: true });
  console.log(`exported ${i}`);
}
