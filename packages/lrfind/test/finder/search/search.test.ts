import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  edge,
  type LrFindGroupsResult,
  LrFindOptionError,
  type LrFindResult,
  lrFind,
  parseResult,
  rangeTest,
  resultOf,
  type SearchEvent,
  type SearchOptions,
  SearchRecord,
  type Suggester,
  search,
  suggester,
  toJson,
  valley,
} from "../../../src/finder/index.js";
import { toSvg } from "../../../src/plot/index.js";
import { ToyTrainer } from "../toy-trainer.js";

type AnyOptions = SearchOptions<readonly Suggester[], "together" | "each">;

/** Every kind of search, small. */
const kinds: Readonly<
  Record<
    string,
    { readonly toy?: ConstructorParameters<typeof ToyTrainer>[0]; readonly options?: AnyOptions }
  >
> = {
  one: {},
  seeded: { options: { seed: 7, suggestFuncs: [edge, valley] } },
  runs: { options: { runs: 3, suggestFuncs: [valley, edge] } },
  each: { toy: { paramGroups: ["body", "head"] }, options: { groups: "each" } },
  "each, unnamed": { options: { groups: "each", startLr: [1e-6] } },
  "runs of each": { toy: { paramGroups: ["body", "head"] }, options: { groups: "each", runs: 2 } },
  "rates by group": {
    toy: { paramGroups: ["body", "head"] },
    options: { startLr: [1e-7, 1e-6], endLr: [1, 10] },
  },
  linear: { options: { sweep: "linear", startLr: 0.001, endLr: 0.5 } },
  validation: { toy: { onValidate: () => 1 }, options: { lossOn: "validation" } },
  "NaN at once": { toy: { onStep: () => Number.NaN } },
  infinite: { toy: { onStep: (step) => (step === 8 ? Number.POSITIVE_INFINITY : 1) } },
  aborted: { options: { signal: AbortSignal.abort(), runs: 2 } },
};

function searchOf(kind: string) {
  const { toy, options } = kinds[kind]!;
  return search(new ToyTrainer(toy), { numIt: 12, ...options });
}

async function eventsOf(kind: string): Promise<readonly SearchEvent[]> {
  const events: SearchEvent[] = [];
  for await (const event of searchOf(kind)) events.push(event);
  return events;
}

/** A result without its clock. */
function timeless(result: LrFindResult | LrFindGroupsResult): unknown {
  return { ...result, durationMs: 0, ...(result.validation && { validation: result.validation.count }) };
}

describe.each(Object.keys(kinds))("%s", (kind) => {
  it("tells started, runs, findings, ended, in that order", async () => {
    const told = (await eventsOf(kind)).map(({ kind }) => kind).join(" ");
    const run = "runStarted (point )*runEnded ";
    expect(told).toMatch(new RegExp(`^started ((${run})+finding )+ended$`));
  });

  it("returns the result of the last event, which is lrFind's", async () => {
    const events = await eventsOf(kind);
    const { toy, options } = kinds[kind]!;
    const last = events.at(-1)!;
    const found = await lrFind(new ToyTrainer(toy), { numIt: 12, ...options });
    expect(last.kind === "ended" && timeless(last.result)).toEqual(timeless(found));
    expect(timeless(await resultOf(searchOf(kind)))).toEqual(timeless(found));
  });

  it("counts its points, and never goes back in time", async () => {
    const points = (await eventsOf(kind)).filter((event) => event.kind === "point");
    expect(points.map(({ done }) => done)).toEqual(points.map((_, i) => i + 1));
    const { options: { runs = 1, groups } = {}, toy } = kinds[kind]!;
    const sweeps = runs * (groups === "each" ? (toy?.paramGroups?.length ?? 1) : 1);
    for (const { total, elapsedMs } of points) {
      expect(total).toBe(12 * sweeps);
      expect(elapsedMs).toBeGreaterThanOrEqual(0);
    }
    const times = points.map(({ elapsedMs }) => elapsedMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("its record is the result after the last event, and readable after any", async () => {
    const events = await eventsOf(kind);
    const record = new SearchRecord();
    for (const event of events) {
      record.add(
        JSON.parse(
          JSON.stringify(event, (_, value) =>
            Number.isFinite(value) || typeof value !== "number" ? value : String(value),
          ),
          (key, value) =>
            ["loss", "smoothed"].includes(key) && typeof value === "string" ? Number(value) : value,
        ),
      );
      const read = parseResult(toJson(record.result));
      expect(read).toEqual(record.result);
      if (!("groups" in read) || read.groups.length > 0) expect(await toSvg(read)).toContain("</svg>");
    }
    const last = events.at(-1)!;
    expect(last.kind === "ended" && timeless(last.result)).toEqual(timeless(record.result));
  });
});

describe("cut off", () => {
  it("has what was measured, ends as aborted, and says so", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("one", "runs", "each", "runs of each"), fc.nat(), async (kind, at) => {
        const events = await eventsOf(kind);
        const kept = events.slice(0, 1 + (at % (events.length - 1)));
        const record = new SearchRecord();
        for (const event of kept) record.add(event);
        const { result } = record;
        const findings: readonly Pick<LrFindResult, "curve" | "runs" | "diagnostics">[] =
          "groups" in result ? result.groups : [result];
        const measured = findings.flatMap(
          ({ curve, runs }) => runs?.each.map((run) => run.curve.loss) ?? [curve.loss],
        );
        const told = kept.flatMap((event) => (event.kind === "point" ? event.loss : []));
        expect(measured.flat()).toEqual(told);
        const whole = kept.filter((event) => event.kind === "finding").length;
        for (const [i, { diagnostics }] of findings.entries()) {
          expect(diagnostics.some((diagnostic) => diagnostic.kind === "aborted")).toBe(i >= whole);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("names the run, and takes the mean of those before it", async () => {
    const record = new SearchRecord();
    for (const event of await eventsOf("runs")) {
      if (event.kind === "point" && event.run === 2) break;
      record.add(event);
    }
    const result = record.result as LrFindResult;
    expect(result.runs!.each.map(({ curve }) => curve.stop === "aborted")).toEqual([false, false, true]);
    expect(result.diagnostics[0]!.message).toBe(
      "The search was cut off in run 3 of 3: this is what the runs before it give. Let it run to its end.",
    );
    expect(result.suggestions["valley"]).toEqual(
      (await lrFind(new ToyTrainer(), { numIt: 12, runs: 2 })).suggestions.valley,
    );
  });

  it("has no rate of suggesters that were not asked any more", async () => {
    const record = new SearchRecord();
    for (const event of (await eventsOf("seeded")).slice(0, 5)) record.add(event);
    expect(record.result).toMatchObject({ lr: null, lrs: null, curve: { stop: "aborted" } });
    expect((record.result as LrFindResult).suggestions["edge"]).toEqual({
      lr: null,
      reason: "the search was cut off before it was asked",
    });
  });
});

describe("leaving early", () => {
  const enter = async (trainer: ToyTrainer, leave: (event: SearchEvent) => void) => {
    for await (const event of search(trainer)) leave(event);
  };

  it.each(["break", "throw"] as const)("by %s takes the training back", async (how) => {
    const trainer = new ToyTrainer();
    const before = trainer.state;
    const leaving = async () => {
      for await (const event of search(trainer)) {
        if (event.kind !== "point" || event.step < 3) continue;
        if (how === "break") break;
        throw new Error("enough");
      }
    };
    if (how === "break") await leaving();
    else await expect(leaving()).rejects.toThrow("enough");
    expect(trainer.state).toEqual(before);
    expect(trainer.log).toMatchObject({ trials: 1, disposals: 1 });
  });

  it("is not needed where the trainer or a suggester throws: its error comes out, the training taken back", async () => {
    const trainer = new ToyTrainer({
      onStep: (step) => {
        if (step === 2) throw new Error("out of memory");
        return 1;
      },
    });
    await expect(enter(trainer, () => {})).rejects.toThrow("out of memory");
    expect(trainer.log.disposals).toBe(1);
    const broken = suggester("broken", () => {
      throw new Error("bug in broken");
    });
    await expect(resultOf(search(new ToyTrainer(), { suggestFuncs: [broken as never] }))).rejects.toThrow(
      "bug",
    );
  });
});

describe("what is refused", () => {
  it("options, at once and by its own name", () => {
    expect(() => search(new ToyTrainer(), { numIt: 3 })).toThrow(
      "search: expected numIt to be an integer >= 6",
    );
    expect(() => search(new ToyTrainer(), { onPoint: () => {} } as never)).toThrow('got "onPoint"');
  });

  it.each([{ name: 3 }, { parameters: "many" }, { versions: { node: 20 } }, "ResNet", null])(
    "a trainer that says of itself %j",
    (info) => {
      const trainer = Object.assign(new ToyTrainer(), { info });
      expect(() => search(trainer as never)).toThrow(
        "search: expected info to be { name, parameters, versions }",
      );
    },
  );

  it.each([
    ["nothing", undefined, "expected event to be an object, got undefined"],
    ["another kind", { kind: "points" }, 'expected event.kind to be "started"'],
    [
      "a point without a loss",
      { kind: "point", run: 0, group: 0, step: 0, lr: 1 },
      "event.loss to be a number",
    ],
    [
      "a point first",
      {
        kind: "point",
        run: 0,
        group: 0,
        step: 0,
        lr: 1,
        loss: 1,
        smoothed: 1,
        done: 1,
        total: 1,
        elapsedMs: 0,
      },
      'expected the event "started" first, got "point"',
    ],
  ])("%s as an event", (_, event, message) => {
    expect(() => new SearchRecord().add(event as never)).toThrow(LrFindOptionError);
    expect(() => new SearchRecord().add(event as never)).toThrow(message);
  });

  it("a second search, a run that was not begun, and a result of nothing", async () => {
    const events = await eventsOf("one");
    const record = new SearchRecord();
    expect(() => record.result).toThrow("SearchRecord.result: expected the first event at least");
    record.add(events[0]!);
    expect(() => record.add(events[0]!)).toThrow("expected the events of one search");
    expect(() => record.add(events[2]!)).toThrow('expected "runStarted" for run 0 first, got "point"');
    const finding = events.find(({ kind }) => kind === "finding")!;
    expect(() => record.add(finding)).toThrow('expected "runStarted" for group 0 first, got "finding"');
  });
});

it("tells what it is asked, with every default, and what the trainer is", async () => {
  const info = { name: "toy", parameters: 1, versions: { toy: "1.0.0" } };
  const trainer = Object.assign(new ToyTrainer({ paramGroups: ["a", "b"] }), { info });
  const { options, paramGroups, trainer: said } = await lrFind(trainer, { numIt: 12, endLr: [1, 2] });
  expect(paramGroups).toEqual(["a", "b"]);
  expect(said).toEqual(info);
  expect(options).toEqual({
    ...{ suggestFuncs: ["valley"], runs: 1, groups: "together", heldLr: 0, startLr: 1e-7, endLr: [1, 2] },
    ...{ numIt: 12, stopDiv: true, divFactor: 4, sweep: "exponential", beta: 0.98, lossOn: "train" },
  });
});

it("has the type of its options' groups", async () => {
  const trainer = new ToyTrainer();
  const together = await resultOf(search(trainer, { suggestFuncs: [edge] }));
  expectTypeOf<keyof typeof together.suggestions>().toEqualTypeOf<"edge">();
  const each = await resultOf(search(trainer, { groups: "each" }));
  expectTypeOf<keyof (typeof each.groups)[number]["suggestions"]>().toEqualTypeOf<"valley">();
});

it("a range test is a search that asks nobody: the same points", async () => {
  const points = [];
  for await (const point of rangeTest(new ToyTrainer(), { numIt: 12 })) points.push(point);
  const told = (await eventsOf("one")).flatMap((event) => (event.kind === "point" ? event : []));
  expect(points).toEqual(told.map(({ step, lr, loss, smoothed }) => ({ step, lr, loss, smoothed })));
});
