/** How did a member of the House vote on an issue, told from other votes of all members? As with ratings of films. */

import { collabDataLoaders, collabLearner } from "@lrfind/learner";
import { edge, formatRate } from "lrfind";
import { endQuietly, progressCallback } from "lrfind/terminal";

endQuietly();
const dls = await collabDataLoaders({
  source: new URL("data/house-votes-84.csv.gz", import.meta.url), // 0 is nay, 1 is yea
  seed: 42,
});
await using learn = collabLearner(dls, { nFactors: 3, wd: 0.3 });

const found = await learn.lrFind({ suggestFuncs: [edge] });
console.log(`learning rate ${formatRate(found.lr)}`);
await learn.fitOneCycle(8, { lrMax: found, cbs: [progressCallback()] });

const { predictions, targets } = await learn.getPreds();
const votes = Array.from(targets[0]!.data, Number);
const issueVotes = new Map<number, number[]>();
for await (const { inputs, targets } of dls.train.epoch()) {
  for (const [i, vote] of targets[0]!.data.entries()) {
    const issue = Number(inputs[0]!.data[2 * i + 1]);
    issueVotes.set(issue, [...(issueVotes.get(issue) ?? []), Number(vote)]);
  }
}
const yea = (issue: number) => issueVotes.get(issue)!.reduce((a, b) => a + b) / issueVotes.get(issue)!.length;
const heldOut: number[] = [];
for await (const { inputs } of dls.valid!.epoch()) {
  for (let i = 1; i < inputs[0]!.data.length; i += 2) heldOut.push(Number(inputs[0]!.data[i]));
}
const right = (guesses: readonly number[]) =>
  guesses.filter((guess, i) => Number(guess > 0.5) === votes[i]).length / votes.length;

const { output } = await learn.predict({ member: "1", issue: "education-spending" });
console.log(`member 1 on education spending: ${Number(output.data[0]) > 0.5 ? "yea" : "nay"}`);
console.log(`baseline ${right(heldOut.map(yea)).toFixed(4)}: as the majority voted on the issue`);
console.log(
  `accuracy ${right(Array.from(predictions.data, Number)).toFixed(4)} on ${votes.length} held-out votes`,
);
