import { describe, expect, it } from "vitest";
import { collabDataLoaders, readTable, tabularDataLoaders, textDataLoaders } from "../../src/data/index.js";

/** The examples' data, against the numbers that their sources state. */
describe("example data", () => {
  it("has 10,000 bird strikes, 2,836 of them without a speed", async () => {
    const dls = await tabularDataLoaders({
      source: "examples/data/birdstrikes.csv.gz",
      catNames: [
        "Aircraft Make Model",
        "Wildlife Size",
        "Wildlife Species",
        "Time of day",
        "Effect Amount of damage",
      ],
      contNames: ["Speed IAS in knots", "Cost Total $"],
      yNames: "Phase of flight",
      seed: 42,
    });
    expect(dls.train.dataset.length + dls.valid!.dataset.length).toBe(10_000);
    expect(dls.vocab).toHaveLength(7);
    expect(dls.catNames.at(-1)).toBe("Speed IAS in knots_na");
    let missing = 0;
    for (const loader of [dls.train.with({ dropLast: false }), dls.valid!]) {
      for await (const { inputs } of loader.epoch()) {
        for (let i = 5; i < inputs[0]!.data.length; i += 6) if (inputs[0]!.data[i] === 2) missing++;
      }
    }
    expect(missing).toBe(2836);
  });

  it("has 6,568 known positions of 435 members on 16 issues", async () => {
    const table = await readTable("examples/data/house-votes-84.csv.gz");
    expect(table.length).toBe(6568);
    const votes = (issue: string) =>
      table.values.get("vote")!.filter((_, row) => table.values.get("issue")![row] === issue);
    // The counts of the repository's description: 269 yea and 62 nay, 104 not known.
    expect(votes("export-administration-act-south-africa")).toHaveLength(435 - 104);
    expect(votes("export-administration-act-south-africa").filter((vote) => vote === "1")).toHaveLength(269);
    const dls = await collabDataLoaders({ source: "examples/data/house-votes-84.csv.gz", seed: 42 });
    expect(dls.items).toHaveLength(17);
    expect(dls.users.length).toBeLessThanOrEqual(435);
    expect(dls.yRange).toEqual([-0.05, 1.05]);
  });

  it("has 2,649 paragraphs of six novels", async () => {
    const dls = await textDataLoaders({ source: "examples/data/austen.csv.gz", labelCol: "novel", seed: 42 });
    expect(dls.train.dataset.length + dls.valid!.dataset.length).toBe(2649);
    expect(dls.vocab).toEqual([
      "Emma",
      "Mansfield Park",
      "Northanger Abbey",
      "Persuasion",
      "Pride and Prejudice",
      "Sense and Sensibility",
    ]);
    expect(dls.tokens.slice(5, 20)).toEqual(expect.arrayContaining([",", ".", "the", "of", "and", "to"]));
    expect(dls.maxLength).toBeLessThanOrEqual(136);
  });
});
