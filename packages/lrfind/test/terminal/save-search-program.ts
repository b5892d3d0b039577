// A search that would never end, saved into the file that is named.
import { setTimeout as sleep } from "node:timers/promises";
import { search } from "../../src/finder/index.js";
import { saveSearch } from "../../src/terminal/index.js";

const trainer = {
  async startTrial() {
    return {
      async step() {
        await sleep(5);
        return 1;
      },
      async [Symbol.asyncDispose]() {},
    };
  },
};
const events = saveSearch(search(trainer, { numIt: 1e6 }), process.argv[2]!, { everyMs: 0 });
for await (const event of events) {
  if (event.kind === "point") console.log(`${event.done} steps`);
}
