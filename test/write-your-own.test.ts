import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../scripts/packages.js";

/** What the document takes for given, made of the parts that it writes itself. */
const BEFORE = `
import { adam, crossEntropy, Learner, mse } from "@lrfind/learner";
`;
const LEARNER = `
const columns = { length: 1000, inputs: [{ dtype: "float32", shape: [4] }], targets: [{ dtype: "float32", shape: [1] }],
  batch(rows) {
    const x = Float32Array.from({ length: rows.length * 4 }, (_, i) => ((rows[Math.floor(i / 4)] * 7 + (i % 4) * 3) % 11) / 11);
    const y = Float32Array.from(rows, (_, i) => x[4 * i] - x[4 * i + 1]);
    return { size: rows.length, inputs: [{ dtype: "float32", shape: [rows.length, 4], data: x }], targets: [{ dtype: "float32", shape: [rows.length, 1], data: y }] };
  } };
const four = dataLoaders(columns, { batchSize: 32 });
const net = () => modelOf(sequential(linear(4, 8), affine(8), relu(), linear(8, 1)));
const learn = new Learner({ dls: four, model: net(), lossFunc: logCosh, metrics: [largestError], optFunc: lion(), lr: 1e-3, runtime: { threads: 1 } });
`;
const AFTER = `
const report = {};
const records = await learn.fit(3);
report.lion = [records[0].trainLoss, records[2].trainLoss];
report.metric = records[2].metrics.largestError;
const clamped = new Learner({ dls: four, model: net(), lossFunc: squaresOfRated, optFunc, lr: 1, runtime: { threads: 1 } });
await clamped.fit(1);
report.extreme = Math.max(...Object.entries(clamped.state.tensors).filter(([name]) => name.startsWith("param:")).flatMap(([, { data }]) => [...data].map(Math.abs)));
const sum = new Learner({ dls: loaders, model: modelOf(sequential(linear(2, 1))), lossFunc: mse(), optFunc: adam(), runtime: { threads: 1 } });
report.sums = (await sum.fit(20, { lr: 0.05 })).at(-1).validLoss;
report.suggested = found.suggestions.tenthOfLowest;
report.names = model.parameters.map(({ name }) => name);
console.log("REPORT" + JSON.stringify(report));
`;

test("what docs/write-your-own.md writes trains", () => {
  const text = readFileSync(join(root, "docs/write-your-own.md"), "utf8");
  const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
  expect(blocks.length).toBe(7);
  const imports = new Map<string, Set<string>>();
  const bodies = [BEFORE, ...blocks].map((code) =>
    code.replaceAll(/^import (?:type )?\{([^}]*)\} from "([^"]+)";$/gm, (_, names: string, from: string) => {
      const known = imports.get(from) ?? new Set();
      for (const name of names.split(",")) known.add(name.trim());
      imports.set(from, known);
      return "";
    }),
  );
  // The data set stands after the callback that trains with it: what runs a fit comes last.
  const runs = (code: string) => code.includes("await learn.");
  const header = [...imports].map(([from, names]) => `import { ${[...names].join(", ")} } from "${from}";`);
  const code = [
    ...header,
    ...bodies.filter((body) => !runs(body)),
    LEARNER,
    ...bodies.filter(runs),
    AFTER,
  ].join("\n");
  const folder = mkdtempSync(join(tmpdir(), "lrfind-write-your-own-"));
  try {
    const file = join(folder, "all.mts");
    writeFileSync(file, code);
    const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
    const tsconfig = join(root, "tsconfig.json");
    const { stdout, stderr } = spawnSync(process.execPath, [tsx, "--tsconfig", tsconfig, file], {
      cwd: root,
      encoding: "utf8",
    });
    const line = /REPORT(.*)/.exec(stdout)?.[1];
    expect(line, stderr).toBeDefined();
    const report = JSON.parse(line!);
    expect(report.lion[1]).toBeLessThan(report.lion[0]);
    expect(report.metric).toBeGreaterThan(0);
    expect(report.metric).toBeLessThan(2);
    expect(report.extreme).toBe(1);
    expect(report.sums).toBeLessThan(1e-4);
    expect(report.suggested.lr === null ? report.suggested.reason : "").toBe("");
    expect(report.names.slice(0, 3)).toEqual(["0.weight", "0.bias", "1.scale"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
