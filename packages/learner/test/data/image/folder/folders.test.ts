import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createCanvas } from "@napi-rs/canvas";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findImages } from "../../../../src/data/image/folder/find-images.js";
import { readableImages } from "../../../../src/data/image/folder/readable-images.js";
import { assignParts, list, partOf } from "../../../../src/data/image/folder/split-folders.js";
import { failedImages } from "../../../../src/data/image/folder/verify-images.js";
import { folderPath, walkImages } from "../../../../src/data/image/folder/walk-images.js";
import {
  CorruptImagesError,
  DataError,
  decodeImage,
  type ImageFolderOptions,
  imageDataLoadersFromFolder,
  randomCrop,
  verifyImages,
} from "../../../../src/data/index.js";
import { crc32Of } from "../../../../src/data/read/crc32.js";

describe("list", () => {
  it.each<[number, string]>([
    [0, ""],
    [1, "0"],
    [2, "0 and 1"],
    [3, "0, 1 and 2"],
    [8, "0, 1, 2, 3, 4, 5, 6 and 7"],
    [9, "0, 1, 2, 3, 4, 5, 6 and 2 more"],
    [20, "0, 1, 2, 3, 4, 5, 6 and 13 more"],
  ])("of %i names", (n, text) => {
    expect(list(Array.from({ length: n }, (_, i) => `${i}`))).toBe(text);
  });
});

describe("partOf", () => {
  it.each<[string, string | undefined, string?]>([
    ["train", "train", "*"],
    ["TRAINING", "train", "*"],
    ["val", "valid", "*"],
    ["dev", "valid", "*"],
    ["Testing", "test", "*"],
    ["seg_train", "train", "seg_*"],
    ["trainset", "train", "*set"],
    ["test_images", "test", "*_images"],
    ["testimages", "test", "*images"],
    ["val2017", "valid", "*2017"],
    ["trainer", undefined],
    ["strain", undefined],
    ["train_test", undefined],
    ["cat", undefined],
    ["", undefined],
  ])("%j", (name, part, rest) => {
    expect(partOf(name)).toEqual(part === undefined ? undefined : { part, rest });
  });
});

describe("assignParts", () => {
  /** What becomes of one image in each of these folders. */
  const assign = (folders: string[], options?: { isValidGiven: boolean }) => {
    const images = folders.map((folder) => ({
      path: `${folder}/0.png`,
      folders: folder.split("/"),
      real: folder,
    }));
    const { images: assigned, warnings } = assignParts(images, "R", options);
    const shown = assigned.map(({ path, part, label }) => `${part} ${label}: ${dirname(path)}`);
    return { shown: shown.sort(), warnings };
  };

  it.each<[string[], string[], string[]]>([
    [["a", "b"], ["train a: a", "train b: b"], []],
    [
      ["train/a", "val/a", "test/a", "other/a"],
      ["test a: test/a", "train a: train/a", "valid a: val/a"],
      [
        "R: train/ (1): trained on, as the name says",
        "R: val/ (1): validated on and not trained on, as the name says",
        "R: test/ (1): held out of training and validation, as the name says",
        "R: other/ (1): left out, as beside it lies what is trained on",
      ],
    ],
    [
      ["a/train", "a/test", "b/train"],
      ["test a: a/test", "train a: a/train", "train train: b/train"],
      [
        "R: a/train/ (1): trained on, as the name says",
        "R: a/test/ (1): held out of training and validation, as the name says",
      ],
    ],
    [["train/deep/a"], ["train a: train/deep/a"], ["R: train/ (1): trained on, as the name says"]],
    [
      ["train", "bus", "test"],
      ["test test: test", "train bus: bus", "train train: train"]
        .map((row) => row.replace("test test", "train test"))
        .sort(),
      ["R: test/ (1): a class like the others, though its name may say that it is held out"],
    ],
    [
      ["a", "val/a", "val/b"],
      ["train a: a", "valid a: val/a", "valid b: val/b"],
      ["R: val/ (2): validated on and not trained on, as the name says"],
    ],
    [["val/a", "val/b"], ["train a: val/a", "train b: val/b"], []],
    [
      ["x_train/a", "x_test/a", "y_val/a"],
      ["test a: x_test/a", "train a: x_train/a"],
      [
        "R: x_train/ (1): trained on, as the name says",
        "R: x_test/ (1): held out of training and validation, as the name says",
        "R: y_val/ (1): left out, as beside it lies what is trained on",
      ],
    ],
  ])("%j", (folders, shown, warnings) => {
    const result = assign(folders);
    expect(result.shown).toEqual(shown);
    expect([...result.warnings].sort()).toEqual([...warnings].sort());
  });

  it("holds out what is named as validated on where that part lies elsewhere", () => {
    const folders = ["train/a", "val/a"];
    expect(assign(folders, { isValidGiven: true }).shown).toEqual(["test a: val/a", "train a: train/a"]);
    expect(assign(folders, { isValidGiven: false }).shown).toEqual(["train a: train/a", "valid a: val/a"]);
  });

  it("cannot tell two of a part", () => {
    expect(() => assign(["train/a", "TRAIN/a", "val/a"])).toThrow(
      "R: expected one folder of the training part, got train/ and TRAIN/; try trainFolder, to say which",
    );
    expect(() => assign(["s/train/a", "s/dev/a", "s/val/a"])).toThrow(
      "R/s: expected one folder of the validation part, got dev/ and val/; try validFolder, to say which",
    );
    // Two to test on are both held out.
    expect(assign(["train/a", "test/a", "testing/a"]).shown).toHaveLength(3);
  });
});

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "folders-")));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A picture of one level of grey. */
function grey(level: number, width = 2, height = 2): Buffer {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  context.fillStyle = `rgb(${level}, ${level}, ${level})`;
  context.fillRect(0, 0, width, height);
  return canvas.toBuffer("image/png");
}

/** Files, by their paths, of one level of grey each; negative ones are no images. */
async function write(files: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, level] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), level < 0 ? "broken" : grey(level));
  }
}

const make = (options: Partial<ImageFolderOptions> = {}) =>
  imageDataLoadersFromFolder({ path: root, size: 2, batchSize: 1, channels: 1, ...options });
const context = { seed: 0, epoch: 0, step: 0, training: false };
/** The level of the first pixel of each row of a loader's dataset. */
async function levels(loader: Awaited<ReturnType<typeof make>>["train"]): Promise<number[]> {
  const rows = Uint32Array.from({ length: loader.dataset.length }, (_, i) => i);
  const { inputs } = await loader.dataset.batch(rows, context);
  const size = inputs[0]!.data.length / rows.length;
  return Array.from(rows, (row) => Math.round(Number(inputs[0]!.data[row * size]) * 255));
}

describe("walkImages", () => {
  it("finds images by their endings, in the order of their paths", async () => {
    const endings = ["png", "jpg", "jpeg", "webp", "avif", "gif", "bmp", "PNG"];
    await write(Object.fromEntries(endings.map((ending, i) => [`b/${i}.${ending}`, 1])));
    await write({ "a/z.png": 1, "a/b.png": 1, "B/0.png": 1, "a/x.tiff": 1, "a/png": 1, "top.png": 1 });
    const { images, strays, repeated, root: from } = await walkImages(root);
    expect(from).toBe(root);
    expect(images.map(({ path }) => path.slice(root.length + 1))).toEqual([
      "B/0.png",
      "a/b.png",
      "a/z.png",
      ...endings.map((ending, i) => `b/${i}.${ending}`),
      "top.png",
    ]);
    expect(images[1]).toMatchObject({ folders: ["a"], real: join(root, "a/b.png") });
    expect(images.at(-1)!.folders).toEqual([]);
    expect([strays, repeated]).toEqual([[], []]);
  });

  it("says what it passes over: hidden and stray images and folders, and links to nothing or to what is there", async () => {
    await write({
      "a/0.png": 1,
      ".h/0.png": 1,
      "a/.1.png": 1,
      "a/.txt": 1,
      "Lost+Found/0.png": 1,
      "#recycle/0.png": 1,
    });
    await symlink("nowhere", join(root, "a/gone.png"));
    await symlink("0.png", join(root, "a/9.png"));
    await symlink("a", join(root, "c"));
    await symlink(".h", join(root, "visible"));
    const { images, strays, repeated } = await walkImages(root);
    expect(strays).toEqual(["#recycle", ".h", "Lost+Found", "a/.1.png", "a/gone.png"]);
    expect(repeated).toEqual(["a/9.png", "c"]);
    expect(images.map(({ folders, real }) => [folders, real.slice(root.length)])).toEqual([
      [["a"], "/a/0.png"],
      [["visible"], "/.h/0.png"],
    ]);
  });

  it("names a folder that cannot be read, and keeps the cause", async () => {
    for (const [path, code] of [
      [join(root, "nowhere"), "ENOENT"],
      [join(root, "file"), "ENOTDIR"],
    ] as const) {
      await writeFile(join(root, "file"), "x");
      const error = await walkImages(path).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(DataError);
      expect(error).toMatchObject({
        where: path,
        expected: "a readable folder",
        got: code,
        cause: expect.any(Error),
      });
    }
    expect(await folderPath("a")).toBe("a");
    for (const value of [new URL("https://example.org"), 7, null, undefined, ["a"]]) {
      await expect(folderPath(value)).rejects.toThrow("path: expected a folder's path or file: URL, got ");
    }
  });
});

describe("findImages", () => {
  it("numbers the images trained on first, then those validated on", async () => {
    await write({
      "train/a/0.png": 1,
      "train/b/0.png": 1,
      "train/b/1.png": 1,
      "val/a/0.png": 1,
      "top.png": 1,
    });
    const { files, split, warnings } = await findImages(root);
    expect(files).toEqual(
      ["train/a/0", "train/b/0", "train/b/1", "val/a/0"].map((name) => ({
        path: join(root, `${name}.png`),
        label: name.split("/")[1],
      })),
    );
    expect(split).toEqual({ train: Uint32Array.of(0, 1, 2), valid: Uint32Array.of(3) });
    expect(warnings).toEqual([
      `${root}: train/ (3): trained on, as the name says`,
      `${root}: val/ (1): validated on and not trained on, as the name says`,
    ]);
    for (const trainFolder of [".", "./", "", ".//"]) {
      const all = await findImages(root, { trainFolder });
      expect([all.files.length, all.split, all.warnings]).toEqual([4, undefined, []]);
    }
    const given = await findImages(root, { trainFolder: "train" });
    expect([given.split!.train.length, given.split!.valid.length]).toEqual([3, 1]);
    const both = await findImages(root, { trainFolder: ".", validFolder: "val" });
    expect([both.split!.train.length, both.split!.valid.length]).toEqual([3, 1]);
    await write({ "dev/a/0.png": 1 });
    await expect(findImages(root, { trainFolder: "train" })).rejects.toThrow(
      "expected one folder of the validation part, got dev/ and val/",
    );
    await rm(join(root, "val"), { recursive: true });
    await write({ "dev/a/0.png": 1, "x_val/a/0.png": 1 });
    expect((await findImages(root, { trainFolder: "train" })).files.at(-1)!.path).toBe(
      join(root, "dev/a/0.png"),
    );
    // Images right in the validation part have no class of their own.
    await rm(join(root, "dev"), { recursive: true });
    await write({ "dev/0.png": 1 });
    expect((await findImages(root, { trainFolder: "train" })).split).toBeUndefined();
  });
});

describe("images that cannot be read", () => {
  it("are looked for sixteen at a time, told in order, and nothing else is swallowed", async () => {
    let [now, most] = [0, 0];
    const failures = await failedImages(
      50,
      async (i) => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, (i * 7) % 5));
        now--;
        if (i % 9 === 4) throw new DataError({ where: "w", expected: "e", got: `no ${i}` });
      },
      { name: (i) => `n${i}` },
    );
    expect(most).toBe(16);
    expect(failures).toEqual(
      [4, 13, 22, 31, 40, 49].map((i) => ({ index: i, path: `n${i}`, reason: `no ${i}` })),
    );
    const load = async () => {
      throw new RangeError("not ours");
    };
    await expect(failedImages(1, load, { name: String })).rejects.toThrow(new RangeError("not ours"));
    expect(await failedImages(0, load, { name: String })).toEqual([]);
    const stop = new AbortController();
    let loaded = 0;
    const abort = async () => {
      if (++loaded === 20) stop.abort(new Error("enough"));
    };
    await expect(failedImages(100, abort, { name: String, signal: stop.signal })).rejects.toThrow("enough");
    expect(loaded).toBeLessThan(40);
  });

  it("are left out with their rows, on either side, and the others keep theirs", async () => {
    const files = Array.from({ length: 6 }, (_, i) => ({ path: `p${i}`, label: "l" }));
    const bad = new Set([1, 4]);
    const load = async (row: number) => {
      if (bad.has(row)) throw new DataError({ where: "w", expected: "e", got: "broken" });
      return Uint8Array.of(row);
    };
    const split = { train: Uint32Array.of(0, 1, 2), valid: Uint32Array.of(3, 4, 5) };
    const images = { files, split, warnings: ["before"], load };
    const left = await readableImages(images, { path: "P", skipCorrupt: true });
    expect(left.files.map(({ path }) => path)).toEqual(["p0", "p2", "p3", "p5"]);
    expect(left.split).toEqual({ train: Uint32Array.of(0, 1), valid: Uint32Array.of(2, 3) });
    expect(left.warnings).toEqual([
      "before",
      "P: left out, as they cannot be read: p1 (broken) and p4 (broken)",
    ]);
    expect(await Promise.all([0, 1, 2, 3].map(left.load))).toEqual(
      [0, 2, 3, 5].map((row) => Uint8Array.of(row)),
    );
    const whole = await readableImages({ ...images, split: undefined }, { path: "P", skipCorrupt: true });
    expect([whole.files.length, whole.split]).toEqual([4, undefined]);
    const error = await readableImages(images, { path: "P" }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(CorruptImagesError);
    expect(error).toMatchObject({
      name: "CorruptImagesError",
      where: "P",
      expected: "6 whole images",
      got: "2 that cannot be read: p1 (broken) and p4 (broken)",
      hint: "mending or removing them (verifyImages lists them), or skipCorrupt: true",
      failures: [
        { path: "p1", reason: "broken" },
        { path: "p4", reason: "broken" },
      ],
    });
    await expect(readableImages(images, { path: "P", skipCorrupt: false, verify: true })).rejects.toThrow(
      CorruptImagesError,
    );
    expect(await readableImages(images, { path: "P", verify: false })).toBe(images);
    await expect(readableImages(images, { path: "P", verify: false, skipCorrupt: true })).rejects.toThrow(
      "skipCorrupt: expected verify: true, which finds what is skipped, got verify: false",
    );
    // One must be left to train on; what is validated on may all go.
    for (const [broken, message] of [
      [[0, 1, 2], "expected 6 whole images, got 3"],
      [[0, 1], undefined],
      [[3, 4, 5], undefined],
    ] as const) {
      bad.clear();
      for (const row of broken) bad.add(row);
      const result = readableImages(images, { path: "P", skipCorrupt: true });
      if (message === undefined) expect((await result).files).toHaveLength(6 - broken.length);
      else await expect(result).rejects.toThrow(message);
    }
    bad.clear();
    expect(await readableImages(images, { path: "P" })).toBe(images);
    for (let row = 0; row < 6; row++) bad.add(row);
    await expect(
      readableImages({ ...images, split: undefined }, { path: "P", skipCorrupt: true }),
    ).rejects.toThrow("got 6");
  });

  it("are listed by their paths, or their numbers", async () => {
    await write({ "a/0.png": 9, "a/1.png": -1 });
    const reason = "6 bytes of another format";
    expect(await verifyImages(root)).toEqual([{ path: join(root, "a/1.png"), reason }]);
    expect(await verifyImages([grey(1), Uint8Array.from(Buffer.from("broken"))])).toEqual([
      { path: "image 1", reason },
    ]);
    expect(await verifyImages([])).toEqual([]);
    await expect(verifyImages(root, { quick: true } as never)).rejects.toThrow(
      "verifyImages: expected a known option",
    );
    await expect(verifyImages([grey(1), 7] as never)).rejects.toThrow(
      "verifyImages: expected a folder's path or file: URL, or a list of files, got [",
    );
  });
});

describe("imageDataLoadersFromFolder", () => {
  const some = { "cat/0.png": 10, "cat/1.png": 20, "dog/0.png": 30, "dog/1.png": 40 };

  it("keeps each image where that is asked for, and reads it once", async () => {
    await write(some);
    const options = { validPct: 0, shuffle: false };
    const kept = await make(options);
    const fresh = await make({ ...options, cache: false });
    const unread = await make({ ...options, verify: false });
    const rows = kept.files.map((file) => some[file.slice(root.length + 1) as keyof typeof some]);
    expect(await levels(unread.train)).toEqual(await levels(kept.train));
    await rm(root, { recursive: true });
    const order = Array.from({ length: 4 }, (_, row) => rows[kept.train.dataset.origin!(row).row]);
    expect(await levels(kept.train)).toEqual(order);
    expect(await levels(unread.train)).toEqual(order);
    await expect(levels(fresh.train)).rejects.toThrow("expected a readable file, got ENOENT");
  });

  it("leaves out what cannot be read, and trains on the rest as it is", async () => {
    await write({ ...some, "dog/2.png": -1 });
    const { train, files, warnings } = await make({ skipCorrupt: true, validPct: 0, shuffle: false });
    const shown = await levels(train);
    expect([...shown].sort()).toEqual([10, 20, 30, 40]);
    expect(shown.map((_, row) => train.dataset.origin!(row).file)).toEqual(
      shown.map((_, row) => files[train.dataset.origin!(row).row]),
    );
    expect(warnings).toEqual([
      `${root}: left out, as they cannot be read: ${join(root, "dog/2.png")} (6 bytes of another format)`,
    ]);
  });

  it("says what the folders and the split are", async () => {
    await write({ "train/cat/0.png": 1, "val/cat/0.png": 1 });
    expect((await make()).warnings).toEqual([
      `${root}: train/ (1): trained on, as the name says`,
      `${root}: val/ (1): validated on and not trained on, as the name says`,
      'classes: all rows are of one class, "cat": there is nothing to learn',
    ]);
    for (const [name, value] of Object.entries({
      validPct: 0.1,
      validIdx: [0],
      splitter: () => ({ train: [0], valid: [1] }),
    })) {
      await expect(make({ [name]: value })).rejects.toThrow(
        `${name}: expected no other split, as the folders are one, got one; try trainFolder: ".", to read all folders alike`,
      );
    }
  });

  it("hands the folders' names to a splitter, and has classes in order", async () => {
    await write({ "10/0.png": 1, "9/0.png": 2, "9/1.png": 3, "10/1.png": 4 });
    let labels: unknown;
    const dls = await make({
      splitter: (n, given) => {
        labels = given.labels;
        return { train: [0, n - 1], valid: [1, 2] };
      },
      seed: 8,
    });
    expect(labels).toEqual(["10", "10", "9", "9"]);
    expect(dls.vocab).toEqual(["9", "10"]);
    expect([dls.train.seed, dls.valid!.seed]).toEqual([8, 8]);
    const { targets } = await dls.valid!.dataset.batch(Uint32Array.of(0, 1), context);
    expect(targets).toEqual([{ dtype: "int32", shape: [2], data: Int32Array.of(1, 0) }]);
    await expect(make({ splitter: () => ({ train: [0, 1], valid: [2, 3] }) })).rejects.toThrow(
      `${join(root, "9/0.png")}: expected a class of the training part, got "9"; try a splitter with stratifiedSplit`,
    );
    expect(() => dls.train.dataset.batch(Uint32Array.of(1, 2), context)).toThrow(
      "batch: expected rows in 0 … 1, got 2 at index 1",
    );
  });

  it("measures each channel over all images that are trained on", async () => {
    // More than are read at a time.
    const files = Object.fromEntries(
      Array.from({ length: 70 }, (_, i) => [`train/c${i % 2}/${i}.png`, 3 * i]),
    );
    await write({ ...files, "val/c0/x.png": 255 });
    const { normalization, train } = await make({ normalize: "train", channels: 3 });
    const mean = (3 * 69) / 2 / 255;
    const std = (3 * Math.sqrt((70 ** 2 - 1) / 12)) / 255;
    expect(normalization.scale).toBe(1 / 255);
    for (let c = 0; c < 3; c++) {
      expect(normalization.mean[c]).toBeCloseTo(mean, 9);
      expect(normalization.std[c]).toBeCloseTo(std, 9);
    }
    const { inputs } = await train.dataset.batch(Uint32Array.of(0), context);
    expect(inputs[0]!.data[11]).toBeCloseTo(
      (Math.round(Number(inputs[0]!.data[0]) * std * 255 + mean * 255) / 255 - mean) / std,
      5,
    );
  });

  it("normalises as told, and by nothing unless told", async () => {
    await write({ "a/0.png": 51, "b/0.png": 51 });
    const first = async (options: Partial<ImageFolderOptions>) => {
      const dls = await make({ validPct: 0, ...options });
      const { inputs } = await dls.train.dataset.batch(Uint32Array.of(0), context);
      return [dls.normalization, inputs[0]!.data[0], inputs[0]!.shape];
    };
    const none = [{ scale: 1 / 255, mean: [0], std: [1] }, expect.closeTo(0.2, 6), [1, 1, 2, 2]];
    expect(await first({})).toEqual(none);
    expect(await first({ normalize: "none" })).toEqual(none);
    expect(await first({ normalize: { mean: [0.1], std: [0.5] } })).toEqual([
      { scale: 1 / 255, mean: [0.1], std: [0.5] },
      expect.closeTo(0.2, 6),
      [1, 1, 2, 2],
    ]);
    expect(await first({ normalize: "train" })).toEqual([
      { scale: 1 / 255, mean: [expect.closeTo(0.2, 9)], std: [1] },
      expect.closeTo(0, 6),
      [1, 1, 2, 2],
    ]);
    await expect(first({ normalize: "imagenet" as never })).rejects.toThrow(
      'normalize: expected "none", "train" or { mean, std }, got "imagenet"',
    );
    const cropped = await make({
      validPct: 0,
      channels: undefined,
      size: [4, 3],
      augment: [randomCrop({ size: [2, 1] })],
    } as never);
    expect(cropped.train.dataset.inputs).toEqual([{ dtype: "float32", shape: [3, 2, 1] }]);
    expect((await cropped.train.dataset.batch(Uint32Array.of(1, 0), context)).inputs[0]!.shape).toEqual([
      2, 3, 2, 1,
    ]);
    expect(cropped.train.batchSize).toBe(1);
  });

  it("brings images to size by cropping unless told", async () => {
    await mkdir(join(root, "a"));
    await writeFile(join(root, "a/0.png"), grey(200, 8, 4));
    await writeFile(join(root, "a/1.png"), grey(200, 8, 4));
    const shown = async (method?: "crop" | "pad" | "squish") => {
      const dls = await make({ validPct: 0, size: 4, ...(method ? { method } : {}) });
      const { inputs } = await dls.train.dataset.batch(Uint32Array.of(0), context);
      return [dls.processor.spec.resize, inputs[0]!.data[0] === 0];
    };
    expect(await shown()).toEqual([{ method: "crop" }, false]);
    expect(await shown("pad")).toEqual([{ method: "pad" }, true]);
    expect(await shown("squish")).toEqual([{ method: "squish" }, false]);
    await expect(make({ method: "zoom" as never })).rejects.toThrow("expected method to be");
    await expect(make({ size: 0 })).rejects.toThrow("size: expected an integer of at least 1, got 0");
    for (const channels of [0, 2, "3"])
      await expect(make({ channels: channels as never })).rejects.toThrow(DataError);
  });
});

describe("decodeImage", () => {
  it("is white where the image is clear, to the edges", async () => {
    const clear = createCanvas(3, 2).toBuffer("image/png");
    expect(await decodeImage(clear)).toEqual({ shape: [3, 2, 3], data: new Uint8Array(18).fill(255) });
    expect(await decodeImage(clear, { channels: 1 })).toEqual({
      shape: [1, 2, 3],
      data: new Uint8Array(6).fill(255),
    });
  });

  it("is grey by the weights of the three colours", async () => {
    const canvas = createCanvas(4, 1);
    const pen = canvas.getContext("2d");
    const colours = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [10, 200, 77],
    ] as const;
    for (const [x, [r, g, b]] of colours.entries()) {
      pen.fillStyle = `rgb(${r}, ${g}, ${b})`;
      pen.fillRect(x, 0, 1, 1);
    }
    const { data } = await decodeImage(canvas.toBuffer("image/png"), { channels: 1 });
    expect([...data]).toEqual(colours.map(([r, g, b]) => Math.round(0.299 * r + 0.587 * g + 0.114 * b)));
  });

  it("names the file as it is called, and keeps the cause", async () => {
    await expect(decodeImage(Uint8Array.of(1), { name: "cat" })).rejects.toThrow(
      "cat: expected an image file",
    );
    await expect(decodeImage(new File([Uint8Array.of(1)], "dog.png"))).rejects.toThrow(
      "dog.png: expected an image file",
    );
    await expect(decodeImage(Uint8Array.of(1))).rejects.toThrow("image: expected an image file");
    for (const channels of [0, 2, 4, "3", null]) {
      await expect(decodeImage(grey(1), { channels: channels as never })).rejects.toThrow(
        `channels: expected 1 or 3, got ${JSON.stringify(channels)}`,
      );
    }
    // Chunks that are whole, of which one holds what does not unpack.
    const chunk = (name: string, data: number[]) => {
      const body = Uint8Array.from([...Buffer.from(name), ...data]);
      const head = Buffer.alloc(4);
      head.writeUInt32BE(data.length);
      const sum = Buffer.alloc(4);
      sum.writeUInt32BE(crc32Of(body));
      return [...head, ...body, ...sum];
    };
    const png = Uint8Array.from([
      ...[0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
      ...chunk("IHDR", [0, 0, 0, 2, 0, 0, 0, 2, 8, 9, 0, 0, 0]),
      ...chunk("IDAT", [1, 2, 3]),
      ...chunk("IEND", []),
    ]);
    const error = await decodeImage(png).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(/^image: expected an image file, got \d+ bytes that do not decode \(/);
    expect(error.cause).toBeInstanceOf(Error);
  });
});
