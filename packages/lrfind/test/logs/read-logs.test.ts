import { describe, expect, test } from "vitest";
import { curveToJson, edge, lrFind, suggest, toJson } from "../../src/finder/index.js";
import { LogError, type LogFile, type ReadLogsOptions, readLogs } from "../../src/logs/index.js";
import { ToyTrainer } from "../finder/toy-trainer.js";
import { csvOf, recordedTest } from "./recorded-test.js";

const { lr, loss } = recordedTest();
const steps = lr.map((_, i) => i);

function read(contents: string | Uint8Array, options: ReadLogsOptions = {}, name = "log") {
  return readLogs([{ name, contents }], options);
}

function refusal(files: readonly LogFile[] | string, options: ReadLogsOptions = {}): LogError {
  try {
    readLogs(typeof files === "string" ? [{ name: "log", contents: files }] : files, options);
  } catch (error) {
    if (error instanceof LogError) return error;
    throw error;
  }
  throw new Error("was read");
}

describe("formats, told by their content", () => {
  const cases: readonly (readonly [format: string, contents: string, notes?: RegExp])[] = [
    ["JSON lists", JSON.stringify({ lr, loss })],
    ["JSON lists", JSON.stringify({ best: 1, history: { lr, loss } })],
    ["JSON pairs of a rate and a loss", JSON.stringify(lr.map((rate, i) => [rate, loss[i]]))],
    [
      "a JSON list of rows",
      JSON.stringify(steps.map((step) => ({ step, train: { lr: lr[step], loss: loss[step] } }))),
    ],
    [
      "JSON lines",
      steps
        .map((step) => JSON.stringify({ iteration: step, lr: lr[step], total_loss: loss[step], loss_cls: 1 }))
        .join("\n"),
      /"total_loss"/,
    ],
    [
      "lrfind's events",
      steps
        .map((step) =>
          JSON.stringify({
            kind: "point",
            run: 0,
            group: 0,
            step,
            lr: lr[step],
            loss: loss[step],
            smoothed: 1,
            done: step + 1,
            total: 100,
            elapsedMs: 1,
          }),
        )
        .join("\n"),
    ],
    [
      "Hugging Face's trainer_state.json",
      JSON.stringify({
        log_history: [
          ...steps.flatMap((step) => [
            { step, learning_rate: lr[step], loss: loss[step] },
            { step, eval_loss: 3 },
          ]),
          { step: 99, train_loss: 1, train_runtime: 12 },
        ],
      }),
    ],
    ["Keras's CSVLogger", csvOf({ epoch: steps, accuracy: loss, learning_rate: lr, loss, val_loss: loss })],
    [
      "Lightning's metrics.csv",
      csvOf({ epoch: steps.map(() => 0), step: steps, "lr-AdamW": lr, train_loss_step: loss }),
    ],
    [
      "Weights & Biases' history",
      csvOf({ "": steps, _step: steps, "train/loss": loss, "train/lr": lr, "eval/loss": loss }),
    ],
    [
      "YOLO's results.csv",
      csvOf({
        "   epoch": steps,
        "  train/box_loss": loss.map((value) => value / 2),
        "  train/cls_loss": loss.map((value) => value / 2),
        "  x/lr0": lr,
      }),
      /sum of its parts/,
    ],
    ["CSV", csvOf({ lr, loss }, ";")],
    [
      "CSV",
      csvOf(
        {
          lr: lr.map((rate) => `${rate.toFixed(12)}`.replace(".", ",")),
          loss: loss.map((value) => String(value).replace(".", ",")),
        },
        ";",
      ),
    ],
    ["CSV", csvOf({ lr, loss }, "\t").replaceAll("\n", "\r\n")],
    ["CSV", lr.map((rate, i) => `${rate},${loss[i]}`).join("\n")],
    ["printed lines", steps.map((step) => `s:${step} trl:${loss[step]} lr:${lr[step]}`).join("\n")],
    [
      "printed lines",
      steps
        .map((step) => `step ${step} | lr ${lr[step]} | loss ${loss[step]} | 20.1ms, tok/s 100`)
        .join("\n"),
    ],
    [
      "printed lines",
      steps
        .map((step) => `${step}%|██ | ${step}/100 [00:01<00:02, loss=tensor(${loss[step]}), lr=${lr[step]}]`)
        .join("\r"),
    ],
  ];
  test.each(cases.map(([format, contents, notes]) => ({ format, contents, notes })))(
    "$format (case %#)",
    ({ format, contents, notes }) => {
      const [log, ...others] = read(contents, { smoothing: "none" });
      expect(others).toEqual([]);
      expect(log!.format).toBe(format);
      expect(log!.curve.lr.length).toBe(100);
      for (const [i, value] of log!.curve.loss.entries()) expect(value).toBeCloseTo(loss[i]!, 12);
      for (const [i, value] of log!.curve.lr.entries()) expect(value / lr[i]!).toBeCloseTo(1, 4);
      expect(log!.notes.join(" ")).toMatch(notes ?? /^$|The loss is/);
    },
  );

  test("lrfind's own files give the curve that was measured", async () => {
    const result = await lrFind(new ToyTrainer(), { numIt: 30 });
    expect(read(toJson(result))[0]!.curve).toEqual(result.curve);
    expect(read(curveToJson(result.curve))[0]!.curve).toEqual(result.curve);
  });

  test("UTF-16 and a byte order mark", () => {
    const text = csvOf({ lr, loss });
    expect(read(new Uint8Array(Buffer.from(`\uFEFF${text}`, "utf16le")))[0]!.curve.loss).toEqual(loss);
    expect(read(Buffer.from(`\uFEFF${text}`))[0]!.curve.loss).toEqual(loss);
  });

  test("Python's bare NaN, and a file cut while it was written", () => {
    const rows = steps.map(
      (step) =>
        `{"step": ${step}, "lr": ${lr[step]}, "loss": ${step > 90 ? "NaN" : loss[step]}, "name": "a NaN \\" b"}`,
    );
    const cut = read(`${rows.join("\n")}\n{"step": 100, "l`)[0]!;
    expect(cut.curve.lr.length).toBe(92);
    expect(cut.curve.stop).toBe("nonFinite");
    const csv = csvOf({ step: steps, lr, loss });
    const shortened = read(csv.slice(0, csv.trimEnd().lastIndexOf(",")))[0]!;
    expect(shortened.curve.lr.length).toBe(99);
    expect(shortened.notes).toEqual(["The last row was cut off, and is left out."]);
  });
});

describe("columns", () => {
  test("by names given, sums among them, with a did-you-mean", () => {
    const contents = csvOf({ a: lr, b: loss.map((x) => x - 1), c: loss.map(() => 1), n: steps });
    const curve = read(contents, { lr: "a", loss: "b + c", step: "n" })[0]!.curve;
    expect(curve.loss[7]).toBeCloseTo(loss[7]!, 12);
    expect(refusal(csvOf({ learning: lr, loss }), { lr: "learnin" }).message).toBe(
      'lr: expected the name of a column: learning, loss, got "learnin"; try learning',
    );
  });

  test("two losses of equal standing are not guessed between", () => {
    expect(refusal(csvOf({ lr, loss, train_loss: loss })).kind).toBe("noLoss");
    expect(refusal(csvOf({ lr, loss, train_loss: loss })).message).toMatch(/"loss" and "train_loss"/);
  });

  test("of several groups' rates the last is taken, and said", () => {
    const [log] = read(csvOf({ step: steps, "lr-SGD/pg1": lr.map((x) => x / 10), "lr-SGD/pg2": lr, loss }));
    expect(log!.curve.lr[0]).toBe(lr[0]);
    expect(log!.notes[0]).toBe("Of the rates lr-SGD/pg1, lr-SGD/pg2 the last is taken.");
  });
});

describe("joining", () => {
  test("rates and losses in rows apart", () => {
    const text = `epoch,step,lr-Adam,train_loss\n${steps.map((i) => `0,${i},${lr[i]},\n0,${i},,${loss[i]}`).join("\n")}\n`;
    const curve = read(text)[0]!.curve;
    expect(curve.lr).toEqual(lr);
    expect(curve.loss).toEqual(loss);
  });

  test("rates at other steps are read between, and none is made up outside", () => {
    const even = steps.filter((i) => i % 2 === 0);
    const text = `step,lr,loss\n${steps.map((i) => `${i},${even.includes(i) ? lr[i] : ""},${loss[i]}`).join("\n")}\n`;
    const [log] = read(text);
    expect(log!.curve.lr.length).toBe(99);
    for (const [i, rate] of log!.curve.lr.entries()) expect(rate / lr[i]!).toBeCloseTo(1, 10);
    expect(log!.notes).toEqual([
      "49 rates were recorded at other steps than the loss, and are read between them.",
      "1 losses lie before the first rate or after the last, and are left out.",
    ]);
  });

  const board = (values: readonly number[]) => csvOf({ "Wall time": steps, Step: steps, Value: values });
  test.each([
    ["TensorBoard's CSV", board],
    [
      "MLflow's metrics",
      (values: readonly number[]) =>
        values.map((value, i) => `166436400${1000 + i} ${value} ${i}\n`).join(""),
    ],
    [
      "TensorBoard's JSON",
      (values: readonly number[]) => JSON.stringify(values.map((value, i) => [i, i, value])),
    ],
  ])("%s: a metric a file, told by its name", (format, write) => {
    const logs = readLogs([
      { name: "run/lr.csv", contents: write(lr) },
      { name: "run/train_loss.csv", contents: write(loss) },
    ]);
    expect(logs.map(({ name, format }) => ({ name, format }))).toEqual([
      { name: "run/train_loss.csv", format },
    ]);
    expect(logs[0]!.curve.lr).toEqual(lr);
    expect(logs[0]!.curve.loss).toEqual(loss);
  });

  test("a chart of Weights & Biases holds many runs", () => {
    const chart = (key: string, values: readonly number[]) =>
      csvOf({
        Step: steps,
        [`a - ${key}`]: values,
        [`a - ${key}__MIN`]: values,
        [`a - ${key}__MAX`]: values,
        [`b - b - ${key}`]: values,
      });
    const logs = readLogs([
      { name: "lr.csv", contents: chart("lr", lr) },
      { name: "loss.csv", contents: chart("train/loss", loss) },
    ]);
    expect(logs.map(({ name }) => name)).toEqual(["loss.csv: a", "loss.csv: b - b"]);
    expect(logs[1]!.curve.loss).toEqual(loss);
  });

  test("rates as a function of the step, and as a sweep's ends", () => {
    const text = csvOf({ step: steps, loss });
    for (const rates of [{ from: 1e-7, to: 10 }, (step: number) => 1e-7 * 1e8 ** (step / 99)]) {
      const { curve } = read(text, { rates })[0]!;
      for (const [i, rate] of curve.lr.entries()) expect(rate / lr[i]!).toBeCloseTo(1, 10);
    }
    const linear = read(text, { rates: { from: 0.1, to: 10, sweep: "linear" } })[0]!;
    expect(linear.curve.lr[50]).toBeCloseTo(0.1 + (9.9 * 50) / 99, 12);
    expect(refusal(text).kind).toBe("noRate");
    expect(refusal(text).message).toMatch(
      /try the file with the rates beside it; lr, the name of a column; or rates/,
    );
  });

  test("steps that go back are taken row by row, and said", () => {
    const [log] = read(csvOf({ step: steps.map((i) => i % 10), lr, loss }));
    expect(log!.curve.lr).toEqual(lr);
    expect(log!.notes[0]).toMatch(/^The steps go back/);
  });
});

describe("what is no range test", () => {
  const training = (rate: (i: number) => number, rows = 100) =>
    csvOf({ step: steps.slice(0, rows), lr: steps.slice(0, rows).map(rate), loss: loss.slice(0, rows) });
  test.each([
    ["one rate", training(() => 0.001), "a training at one rate, 0.001"],
    ["decay", training((i) => 1 - i / 200), "a training of 100 rows whose rate does not rise"],
    [
      "warm-up, then decay",
      training((i) => (i < 20 ? 10 ** (-4 + i / 10) : 0.01 * (1 - i / 200))),
      "its rate rises for 21 of them only",
    ],
    [
      "warm-up, then a plateau",
      training((i) => 10 ** (-4 + Math.min(i, 20) / 10)),
      "its rate rises for 20 of them only",
    ],
    ["less than a decade", training((i) => 1 + i / 50), "whose rate rises over 100 steps, from 1 to 2.98"],
    ["few steps", training((i) => 10 ** -i, 5), "5 rows"],
    ["settings", '{ "lr": 0.1, "steps": 100 }', "JSON without a list of them (lr, steps)"],
    ["a table of runs", "Name,State,lr\na,finished,0.1\nb,finished,0.2\n", "Weights & Biases' table of runs"],
    [
      "a linear warm-up",
      csvOf({ step: steps, lr: steps.map((i) => 1e-6 * (i + 1)), loss: steps.map((i) => 2 - i / 100) }),
      "rises by equal steps",
    ],
  ])("%s", (_, contents, words) => {
    const error = refusal(contents);
    expect(error.kind).toBe("noRangeTest");
    expect(error.message).toContain(words);
  });

  test("a linear range test that turns up is one", () => {
    const [log] = read(
      csvOf({
        step: steps,
        lr: steps.map((i) => 0.01 * (i + 1)),
        loss: steps.map((i) => (i < 60 ? 2 - i / 50 : 0.8 + (i - 60) / 10)),
      }),
    );
    expect(log!.curve.lr.length).toBe(100);
  });

  test("the rising stretch is taken, and said", () => {
    const rates = [...lr, ...lr.slice(0, 30).map(() => 0.001)];
    const [log] = read(csvOf({ lr: rates, loss: [...loss, ...loss.slice(0, 30)] }));
    expect(log!.curve.lr).toEqual(lr);
    expect(log!.notes).toEqual(["Of 130 rows the 100 whose rates rise are taken, from 1e-7 to 10."]);
  });

  test("rates of few decimals become one step each, and rates of 0 none", () => {
    const printed = lr.map((rate) => rate.toFixed(6));
    const [log] = read(csvOf({ lr: printed, loss }));
    expect(log!.curve.lr[0]).toBe(0.000001);
    expect(log!.notes.join(" ")).toMatch(
      /rows with a rate of 0, or none, left out\. .* repeat the rate before them/,
    );
    expect(suggest(log!.curve, { suggestFuncs: [edge] }).edge.lr).toBeGreaterThan(1e-4);
  });
});

test("what is no log is named", () => {
  const binary: readonly (readonly [bytes: Uint8Array, words: RegExp])[] = [
    [Uint8Array.of(0x80, 4, 1), /a Python pickle; try json\.dump/],
    [Uint8Array.of(0x1f, 0x8b, 8), /a gzip file; try gunzip first/],
    [Uint8Array.of(1, 2, 0, 4), /bytes that are no text/],
    [new Uint8Array(), /an empty file/],
    [Buffer.from("Dear reader,\nhello, you\n"), /a log of a known kind/],
    [Buffer.from('{"lr": [1, 2], "loss": [1, 2, 3]}'), /a rate for each of the 3 losses, got 2/],
    [Buffer.from('{"a": 1}\n{"b": 2}\nhello\n{"c": 3}\n'), /line 3: expected a JSON object, got "hello"/],
  ];
  for (const [contents, words] of binary) {
    const error = refusal([{ name: "x.bin", contents }]);
    expect(error.message).toMatch(words);
    expect(error.message).toMatch(/^x\.bin/);
  }
});
