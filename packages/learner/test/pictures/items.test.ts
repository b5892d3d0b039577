import { stripVTControlCharacters } from "node:util";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { OptionError } from "lrfind/core";
import { widthOf } from "lrfind/draw";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  crossEntropy,
  dataLoaders,
  flatten,
  flip,
  imageDataLoadersFromArrays,
  Learner,
  linear,
  mse,
  sequential,
  tabularDataLoaders,
  tabularLearner,
  tensorDataset,
  textDataLoaders,
  textLearner,
} from "../../src/index.js";
import { type Picture, plotTopLosses, showBatch, showResults } from "../../src/pictures/index.js";

const plain = stripVTControlCharacters;

/** What every picture keeps to, whatever it shows. */
async function check(picture: Picture): Promise<void> {
  expect(picture.toSvg().replaceAll(/href="[^"]*"/g, "")).not.toMatch(/NaN|Infinity|undefined|null/);
  for (const columns of [20, 40, 60, 200]) {
    for (const color of [false, true]) {
      const text = picture.toTerminal({ columns, color });
      for (const line of text.split("\n")) expect(widthOf(plain(line))).toBeLessThanOrEqual(columns);
    }
    expect(picture.toTerminal({ columns, color: false })).not.toContain("\u001b");
  }
  expect(String.fromCharCode(...(await picture.toPng({ scale: 0.5 })).subarray(1, 4))).toBe("PNG");
}

/** The texts of an SVG, in its order. */
const textsOf = (svg: string) => Array.from(svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g), ([, text]) => text!);

/** The pixels of the images of an SVG: red, green, blue. */
async function bitmapsOf(svg: string): Promise<number[][]> {
  const uris = Array.from(svg.matchAll(/href="([^"]*)"/g), ([, uri]) => uri!);
  return await Promise.all(
    uris.map(async (uri) => {
      const image = await loadImage(Buffer.from(uri.split(",")[1]!, "base64"));
      const context = createCanvas(image.width, image.height).getContext("2d");
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      return Array.from(data).filter((_, i) => i % 4 !== 3);
    }),
  );
}

describe.each([1, 3] as const)("images of %i channels", (channels) => {
  const [n, height, width] = [40, 6, 9];
  const images = Uint8Array.from(
    { length: n * channels * height * width },
    (_, i) => (i * 89 + (i >> 5)) % 256,
  );
  const labels = Int32Array.from({ length: n }, (_, i) => i % 2);
  const shape = [channels, height, width] as const;
  const pixels = height * width;
  /** Red, green, blue of an image as it was given. */
  const given = (row: number) =>
    Array.from({ length: pixels }, (_, p) =>
      [0, 1, 2].map((c) => images[(row * channels + Math.min(c, channels - 1)) * pixels + p]!),
    ).flat();
  const make = (augment: readonly ReturnType<typeof flip>[] = []) =>
    imageDataLoadersFromArrays({
      images,
      shape,
      labels,
      classes: ["odd & <b>", "even"],
      normalize: "train",
      augment,
      batchSize: 16,
      seed: 1,
    });
  let learn: Learner;
  beforeAll(async () => {
    learn = new Learner({
      dls: await make(),
      model: sequential(flatten(), linear(channels * pixels, 2)),
      lossFunc: crossEntropy(),
    });
  });
  afterAll(() => learn[Symbol.asyncDispose]());

  test("are those that were given, to the byte, whatever normalised them", async () => {
    const { dls } = learn;
    const picture = await showBatch(dls, { maxN: 5 });
    await check(picture);
    const rows = Array.from(dls.train.rowsAt(0, 0)).slice(0, 5);
    const origins = rows.map((row) => dls.train.dataset.origin?.(row).row ?? row);
    expect(await bitmapsOf(picture.toSvg())).toEqual(origins.map(given));
    const names = origins.map((row) => ["odd &amp; &lt;b>", "even"][labels[row]!]);
    expect(
      textsOf(picture.toSvg())
        .slice(2)
        .map((text) => text.replace("&gt;", ">")),
    ).toEqual(names);
  });

  test("are shown as training augments them, and not outside it", async () => {
    const dls = await make([flip({ p: 1 })]);
    const flipped = await bitmapsOf((await showBatch(dls, { maxN: 1 })).toSvg());
    const row = dls.train.dataset.origin!(dls.train.rowsAt(0, 0)[0]!).row;
    const mirrored = Array.from({ length: pixels }, (_, p) => {
      const [y, x] = [Math.floor(p / width), p % width];
      return given(row).slice(3 * (y * width + width - 1 - x), 3 * (y * width + width - x));
    }).flat();
    expect(flipped).toEqual([mirrored]);
    const valid = await bitmapsOf((await showBatch(dls, { loader: dls.valid!, maxN: 1 })).toSvg());
    expect(valid).toEqual([given(dls.valid!.dataset.origin!(0).row)]);
  });

  test("results say of each item what predict says, and mark what is wrong", async () => {
    const picture = await showResults(learn, { maxN: 4 });
    await check(picture);
    const { dataset } = learn.dls.valid!;
    const texts = textsOf(picture.toSvg());
    let wrong = 0;
    for (let i = 0; i < 4; i++) {
      const { row } = dataset.origin!(Math.floor((i * dataset.length) / 4));
      const data = images.slice(row * channels * pixels, (row + 1) * channels * pixels);
      const { label } = await learn.predict({ data, shape });
      const actual = learn.dls.vocab![labels[row]!]!;
      if (label !== actual) wrong++;
      const shown = texts
        .slice(2 + 2 * i, 4 + 2 * i)
        .map((text) => text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"));
      expect(shown).toEqual([`actual: ${actual}`, `predicted: ${label}`]);
    }
    expect(texts[1]).toBe(`4 of ${dataset.length} items, ${wrong} of 4 wrong`);
    expect(picture.toSvg().match(/class="item wrong"/g)?.length ?? 0).toBe(wrong);
  });

  test("the largest losses come with their images", async () => {
    const picture = await plotTopLosses(learn, { maxN: 3 });
    await check(picture);
    const top = await learn.topLosses(3);
    expect(await bitmapsOf(picture.toSvg())).toEqual(top.map(({ row }) => given(row)));
    const single = learn.dls.valid!.with({ batchSize: 1 });
    const { dataset } = learn.dls.valid!;
    for (const { row, inputs } of top) {
      const at = Array.from({ length: dataset.length }, (_, i) => i).find(
        (i) => dataset.origin!(i).row === row,
      )!;
      expect(inputs).toEqual((await single.batchAt(0, at)).inputs);
    }
  });
});

describe("rows of a table", () => {
  const source = Array.from({ length: 40 }, (_, i) => ({
    "kind of bird": i % 3 === 0 ? "gull" : "crow",
    weight: i % 7 === 0 ? null : 0.1 * i + 0.3,
    count: 1000 * i,
    phase: i % 2 === 0 ? "climb" : "descent",
  }));
  let learn: Learner;
  beforeAll(async () => {
    const names = { catNames: ["kind of bird"], contNames: ["weight", "count"], yNames: "phase" };
    learn = tabularLearner(await tabularDataLoaders({ source, ...names, batchSize: 8, seed: 3 }), {
      layers: [4],
    });
  });
  afterAll(() => learn[Symbol.asyncDispose]());

  test("have their categories and numbers again", async () => {
    const { dls } = learn;
    const picture = await showBatch(dls, { maxN: 8 });
    await check(picture);
    const lines = picture.toTerminal({ columns: 200 }).split("\n");
    expect(lines[3]).toMatch(/^ {2}phase +kind of bird +weight_na +weight +count$/);
    const rows = Array.from(
      dls.train.rowsAt(0, 0),
      (row) => source[dls.train.dataset.origin?.(row).row ?? row]!,
    );
    const shown = lines.slice(5).map((line) => line.trim().split(/ {2,}/));
    const { medians } = (dls.processor as unknown as { spec: { medians: Record<string, number> } }).spec;
    for (const [i, row] of rows.entries()) {
      const weight = row.weight ?? medians["weight"]!;
      // Six digits of a float32.
      const number = (value: number) => String(Number(value.toPrecision(6)));
      expect(shown[i]!.slice(0, 3)).toEqual([row.phase, row["kind of bird"], String(row.weight === null)]);
      expect(Number(shown[i]![3])).toBeCloseTo(weight, 5);
      expect(shown[i]![4]).toBe(number(row.count));
    }
  });

  test("results and losses", async () => {
    await check(await showResults(learn));
    const picture = await plotTopLosses(learn, { maxN: 2 });
    await check(picture);
    const [first] = await learn.topLosses(1);
    const line = picture.toTerminal({ columns: 200 }).split("\n")[5]!;
    const [decoded] = learn.decode({ predictions: first!.prediction });
    const actual = Number(first!.targets[0]!.data[0]);
    expect(line.replace("!", " ").trim().split(/ {2,}/).slice(0, 4)).toEqual([
      learn.dls.vocab![actual],
      decoded!.label,
      first!.loss.toPrecision(4),
      String(Number(decoded!.probabilities![actual]!.toPrecision(2))),
    ]);
  });
});

test("texts: their tokens without padding, under their labels where lines are short", async () => {
  const source = Array.from({ length: 24 }, (_, i) => ({
    label: i % 2 === 0 ? "spam" : "ham",
    text: i % 2 === 0 ? "win a free prize now, dear friend, and tell nobody of it" : "see you at noon",
  }));
  const dls = await textDataLoaders({ source, minFreq: 1, batchSize: 4, seed: 5 });
  await using learn = textLearner(dls, { arch: "bag", embSize: 4 });
  const picture = await showBatch(dls);
  await check(picture);
  expect(picture.toTerminal({ columns: 200 })).not.toContain("xxpad");
  expect(picture.toTerminal({ columns: 200 })).toMatch(/see you at noon|win a free prize now/);
  expect(picture.toTerminal({ columns: 40 })).toMatch(/\n {4}xxbos/);
  await check(await plotTopLosses(learn, { maxN: 2 }));
});

test("tensors without a processor: few numbers as they are, images from the lowest to the highest", async () => {
  const data = Float32Array.from({ length: 20 * 12 }, (_, i) => (i % 12) - 3);
  const targets = {
    dtype: "float32",
    shape: [20, 2],
    data: Float32Array.from({ length: 40 }, (_, i) => i),
  } as const;
  const of = (shape: number[]) =>
    dataLoaders(
      tensorDataset({ inputs: [{ dtype: "float32", shape: [20, ...shape], data }], targets: [targets] }),
      {
        shuffle: false,
        validPct: 0,
        batchSize: 2,
      },
    );
  const image = await showBatch(of([1, 3, 4]));
  await check(image);
  const [first] = await bitmapsOf(image.toSvg());
  expect(first!.filter((_, i) => i % 3 === 0)).toEqual(
    Array.from({ length: 12 }, (_, i) => Math.round((255 * i) / 11)),
  );
  expect((await showBatch(of([12]))).toTerminal({ columns: 80 })).toContain("float32[12]");
  expect((await showBatch(of([12]))).toTerminal({ columns: 80 })).toMatch(/\d+, \d+/);
});

test("decode says of each item what predict says", async () => {
  const inputs = [
    { dtype: "float32", shape: [8, 3], data: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)) },
  ] as const;
  const targets = [{ dtype: "float32", shape: [8, 2], data: new Float32Array(16) }] as const;
  const dls = dataLoaders(tensorDataset({ inputs, targets }), { validPct: 0.5, batchSize: 3, seed: 0 });
  await using learn = new Learner({ dls, model: linear(3, 2), lossFunc: mse() });
  const preds = await learn.getPreds();
  const decoded = learn.decode(preds);
  for (const [i, row] of preds.rows.entries()) {
    const item = { dtype: "float32", shape: [3], data: inputs[0].data.slice(3 * row, 3 * row + 3) } as const;
    const { numbers, output } = await learn.predict(item);
    expect(decoded[i]!.output.shape).toEqual(output.shape);
    // A mini-batch of another size may be added up in another order.
    for (const [k, number] of numbers!.entries()) expect(decoded[i]!.numbers![k]).toBeCloseTo(number, 6);
  }
});

test("what cannot be shown is refused", async () => {
  await expect(showBatch({} as never)).rejects.toThrow(/data loaders/);
  const inputs = [{ dtype: "float32", shape: [2, 3], data: new Float32Array(6) }] as const;
  const dls = dataLoaders(tensorDataset({ inputs, targets: inputs }), { validPct: 0, batchSize: 2 });
  await expect(showBatch(dls, { maxN: 0 })).rejects.toThrow(OptionError);
  await using learn = new Learner({ dls, model: linear(3, 3), lossFunc: mse() });
  await expect(showResults(learn)).rejects.toThrow(/validation set/);
  await expect(plotTopLosses(learn)).rejects.toThrow(/validation set/);
  await expect(showResults({} as never)).rejects.toThrow(/Learner/);
});
