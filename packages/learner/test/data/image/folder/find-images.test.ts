import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { createCanvas } from "@napi-rs/canvas";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  CorruptImagesError,
  type ImageFolderOptions,
  imageDataLoadersFromFolder,
  verifyImages,
} from "../../../../src/data/index.js";

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "folders-")));
});
afterEach(() => rm(root, { recursive: true }));

const png = createCanvas(2, 2).toBuffer("image/png");

async function write(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), png);
  }
}

/** Two images in each folder. */
const fill = (...folders: string[]) =>
  write(...folders.flatMap((name) => [`${name}/0.png`, `${name}/1.png`]));

/** The files of each part, relative to the root, and the classes. */
async function load(options: Partial<ImageFolderOptions> = {}) {
  const dls = await imageDataLoadersFromFolder({ path: root, size: 2, batchSize: 1, ...options });
  const shown = async (loader: typeof dls.train | undefined) => {
    const rows: string[] = [];
    for (let row = 0; row < (loader?.dataset.length ?? 0); row++) {
      const { file } = loader!.dataset.origin!(row);
      const { targets } = await loader!.dataset.batch(Uint32Array.of(row), {
        seed: 0,
        epoch: 0,
        step: 0,
        training: false,
      });
      rows.push(`${dls.vocab[Number(targets[0]!.data[0])]}: ${relative(root, file!).replaceAll("\\", "/")}`);
    }
    return rows.sort();
  };
  const folders = (rows: string[]) => [...new Set(rows.map((row) => row.split(/[/]\d/)[0]!))];
  const [train, valid] = [await shown(dls.train), await shown(dls.valid)];
  const warnings = dls.warnings.join("\n").replaceAll(root, "ROOT");
  return { train: folders(train), valid: folders(valid), count: [train.length, valid.length], warnings };
}

describe("the parts that folders are named for", () => {
  it.each(["test", "Test", "TEST", "testing"])(
    "train beside %s: the latter is in neither part",
    async (test) => {
      await fill("train/cat", "train/dog", `${test}/cat`, `${test}/dog`);
      const { train, valid, count, warnings } = await load({ validPct: 0.25 });
      expect(new Set([...train, ...valid])).toEqual(new Set(["cat: train/cat", "dog: train/dog"]));
      expect(count).toEqual([3, 1]);
      expect(warnings).toContain("ROOT: train/ (4): trained on, as the name says");
      expect(warnings).toContain(`ROOT: ${test}/ (4): held out of training and validation, as the name says`);
    },
  );

  it.each([
    ["train", "val"],
    ["Train", "Valid"],
    ["TRAIN", "validation"],
    ["training", "dev"],
    ["seg_train", "seg_val"],
    ["training_set", "validation_set"],
    ["train2017", "val2017"],
    ["trainset", "valset"],
  ])("%s and %s are the training and the validation part", async (training, validation) => {
    await fill(`${training}/cat`, `${training}/dog`, `${validation}/cat`, `${validation}/dog`);
    const { train, valid, warnings } = await load();
    expect(train).toEqual([`cat: ${training}/cat`, `dog: ${training}/dog`]);
    expect(valid).toEqual([`cat: ${validation}/cat`, `dog: ${validation}/dog`]);
    expect(warnings).toContain(`${validation}/ (4): validated on and not trained on`);
  });

  it("all three, and what is neither is left out", async () => {
    await fill("train/cat", "train/dog", "val/cat", "test/cat", "test/dog", "extra/cow");
    const { train, valid, warnings } = await load();
    expect(train).toEqual(["cat: train/cat", "dog: train/dog"]);
    expect(valid).toEqual(["cat: val/cat"]);
    expect(warnings).toContain("ROOT: extra/ (2): left out, as beside it lies what is trained on");
  });

  it("a training folder with classes is all that is trained on", async () => {
    await fill("train/cat", "train/dog", "unlabelled/all");
    expect((await load({ validPct: 0 })).train).toEqual(["cat: train/cat", "dog: train/dog"]);
  });

  it("further down, and below the classes", async () => {
    await fill("pets/train/cat", "pets/train/dog", "pets/test/cat");
    expect((await load({ validPct: 0 })).train).toEqual(["cat: pets/train/cat", "dog: pets/train/dog"]);
    await rm(join(root, "pets"), { recursive: true });
    await fill("cat/train", "cat/val", "dog/train", "dog/val", "dog/test");
    const { train, valid } = await load();
    expect(train).toEqual(["cat: cat/train", "dog: dog/train"]);
    expect(valid).toEqual(["cat: cat/val", "dog: dog/val"]);
  });

  it("one that is held out lies beside the classes", async () => {
    await fill("cat", "dog", "test/cat", "test/dog");
    expect((await load({ validPct: 0 })).train).toEqual(["cat: cat", "dog: dog"]);
    await fill("val/cat");
    expect((await load()).valid).toEqual(["cat: val/cat"]);
  });

  it("but not classes that have such a name, which is said", async () => {
    await fill("bus", "car", "train", "test-tube", "trainer");
    expect((await load({ validPct: 0 })).train.map((row) => row.split(":")[0])).toEqual([
      "bus",
      "car",
      "test-tube",
      "train",
      "trainer",
    ]);
    await rm(root, { recursive: true });
    await fill("control", "test");
    const { train, warnings } = await load({ validPct: 0 });
    expect(train).toEqual(["control: control", "test: test"]);
    expect(warnings).toContain("ROOT: test/ (2): a class like the others");
  });

  it.each([
    [
      ["train/a", "Training/a", "val/a"],
      "one folder of the training part, got Training/ and train/; try trainFolder",
    ],
    [
      ["train/a", "val/a", "valid/a"],
      "one folder of the validation part, got val/ and valid/; try validFolder",
    ],
  ])("%j are not told apart", async (folders, message) => {
    await fill(...folders);
    await expect(load()).rejects.toThrow(`expected ${message}`);
  });

  it("needs classes", async () => {
    await fill("train", "test");
    await expect(load()).rejects.toThrow("in folders named for their class, got none; try");
  });
});

describe("folders that are given", () => {
  it("trainFolder alone is trained on; validFolder is taken for it where asked for", async () => {
    await fill("a/cat", "a/dog", "b/cat", "test/dog", "val/cat");
    expect(await load({ trainFolder: "a" })).toMatchObject({
      train: ["cat: a/cat", "dog: a/dog"],
      valid: ["cat: val/cat"],
    });
    expect(await load({ trainFolder: "a", validFolder: "test" })).toMatchObject({
      train: ["cat: a/cat", "dog: a/dog"],
      valid: ["dog: test/dog"],
    });
    await rm(root, { recursive: true });
    await fill("train/cat", "train/dog", "test/dog", "val/cat");
    expect(await load({ validFolder: "test" })).toMatchObject({
      train: ["cat: train/cat", "dog: train/dog"],
      valid: ["dog: test/dog"],
      warnings: expect.stringContaining("val/ (2): held out"),
    });
  });

  it('trainFolder "." is all but validFolder, and leaves the split to validPct', async () => {
    await fill("train/cat", "train/dog", "test/dog", "val/cat");
    expect((await load({ trainFolder: ".", validPct: 0 })).count).toEqual([8, 0]);
    expect((await load({ trainFolder: ".", validFolder: "val" })).count).toEqual([6, 2]);
    await expect(load({ validPct: 0.5 })).rejects.toThrow('try trainFolder: "."');
  });

  it.each([
    [{ trainFolder: "nowhere" }, "nowhere: expected a readable folder, got ENOENT"],
    [{ validFolder: "nowhere" }, "nowhere: expected a readable folder, got ENOENT"],
    [{ trainFolder: "cat", validFolder: "cat" }, "cat: expected image files"],
    [{ trainFolder: 7 as never }, "expected trainFolder to be a string, got 7"],
    [{ path: 7 as never }, "path: expected a folder's path or file: URL, got 7"],
    [{ verify: false, skipCorrupt: true }, "skipCorrupt: expected verify: true"],
  ])("rejects %j", async (options, message) => {
    await fill("cat", "dog");
    await expect(load(options)).rejects.toThrow(message);
  });
});

describe("what is no image of a class", () => {
  it("is left out, and said", async () => {
    await fill("cat", "dog", ".ipynb_checkpoints", "__MACOSX/cat", "cat/.thumbs", "dog/@eaDir", ".git/x");
    await write("cat/._0.png", "dog/.hidden.png", "stray.png");
    await writeFile(join(root, "cat/Thumbs.db"), "x");
    await writeFile(join(root, ".DS_Store"), "x");
    await mkdir(join(root, "empty"));
    await mkdir(join(root, "cat/folder.png"));
    await symlink("nowhere.png", join(root, "cat/broken.png"));
    const { train, count, warnings } = await load({ validPct: 0 });
    expect(train).toEqual(["cat: cat", "dog: dog"]);
    expect(count).toEqual([4, 0]);
    for (const name of [".ipynb_checkpoints", "__MACOSX", "cat/._0.png", "cat/broken.png"]) {
      expect(warnings).toContain(name);
    }
    expect(warnings).not.toContain(".DS_Store");
  });

  it("may lie in a hidden folder that was asked for", async () => {
    await fill(".cache/pets/cat", ".cache/pets/dog");
    expect((await load({ path: join(root, ".cache/pets"), validPct: 0 })).count).toEqual([4, 0]);
    expect((await load({ path: pathToFileURL(join(root, ".cache/pets")), validPct: 0 })).count).toEqual([
      4, 0,
    ]);
  });

  it("links: cycles end, and each real file is found once, by its own path", async () => {
    await fill("cat", "dog", "more/dog");
    await symlink("..", join(root, "cat/up"));
    await symlink(root, join(root, "dog/home"));
    await symlink("cat", join(root, "apes"));
    await symlink("../cat/0.png", join(root, "dog/a cat.png"));
    await symlink(join(root, "loop"), join(root, "loop"));
    const outside = await mkdtemp(join(tmpdir(), "outside-"));
    await writeFile(join(outside, "7.png"), png);
    await symlink(outside, join(root, "cow"));
    await symlink(join(outside, "7.png"), join(root, "cow2.png"));
    const { train, count, warnings } = await load({ validPct: 0 });
    await rm(outside, { recursive: true });
    expect(train).toEqual(["cat: cat", "cow: cow", "dog: dog", "dog: more/dog"]);
    expect(count).toEqual([7, 0]);
    expect(warnings).toContain("apes, cat/up, cow2.png, dog/a cat.png and dog/home: a link");
  });

  it("a validation folder that is a link to the training folder, or has links into it, is not its own", async () => {
    await fill("train/cat", "train/dog");
    await symlink("train", join(root, "val"));
    const { train, valid, warnings } = await load({ validPct: 0 });
    expect([train, valid]).toEqual([["cat: train/cat", "dog: train/dog"], []]);
    expect(warnings).toContain("val: a link to what is there already");
    await rm(join(root, "val"));
    await mkdir(join(root, "val/cat"), { recursive: true });
    await symlink(join(root, "train/cat/0.png"), join(root, "val/cat/5.png"));
    await write("val/cat/6.png");
    expect((await load()).count).toEqual([4, 1]);
  });
});

describe("verifying", () => {
  const corrupt = async () => {
    await fill("train/cat", "train/dog", "val/cat");
    await writeFile(join(root, "train/cat/2.png"), png.subarray(0, 40));
    await writeFile(join(root, "train/dog/3.jpg"), "");
    await writeFile(join(root, "val/cat/4.gif"), "version https://git-lfs.github.com/spec/v1\n");
  };

  it("lists all that cannot be read, with the reason", async () => {
    await corrupt();
    const failures = await verifyImages(root);
    expect(failures.map(({ path }) => relative(root, path))).toEqual([
      join("train", "cat", "2.png"),
      join("train", "dog", "3.jpg"),
      join("val", "cat", "4.gif"),
    ]);
    expect(failures.map(({ reason }) => reason)).toEqual([
      "a PNG that is cut short: 40 bytes without its end",
      "an empty file",
      "a Git LFS pointer instead of the file",
    ]);
    expect(await verifyImages(pathToFileURL(root))).toEqual(failures);
    const files = [join(root, "val/cat/0.png"), png, png.subarray(0, 30), join(root, "nowhere.png")];
    expect(await verifyImages(files)).toEqual([
      { path: "image 2", reason: "a PNG that is cut short: 30 bytes without its end" },
      { path: join(root, "nowhere.png"), reason: "ENOENT" },
    ]);
  });

  it("happens before a training, for all files at once", async () => {
    await corrupt();
    const error = await load().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CorruptImagesError);
    expect((error as CorruptImagesError).failures).toEqual(await verifyImages(root));
    expect((error as Error).message).toContain("expected 9 whole images, got 3 that cannot be read");
    expect((error as Error).message).toContain("skipCorrupt: true");
  });

  it("leaves them out where that is asked for, and not all", async () => {
    await corrupt();
    for (const cache of [true, false]) {
      const { count, warnings } = await load({ skipCorrupt: true, cache });
      expect(count).toEqual([4, 2]);
      expect(warnings).toContain("left out, as they cannot be read: ROOT");
    }
    await rm(root, { recursive: true });
    await write("cat/0.png", "dog/0.png");
    for (const name of ["cat", "dog"]) await writeFile(join(root, name, "0.png"), "x");
    await expect(load({ skipCorrupt: true })).rejects.toThrow(CorruptImagesError);
  });

  it("stops at a signal, and refuses what is no list of files", async () => {
    await fill("cat");
    await expect(verifyImages(root, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
      "enough",
    );
    await expect(verifyImages([7] as never)).rejects.toThrow("verifyImages: expected a folder's path");
    await expect(verifyImages(7 as never)).rejects.toThrow("expected a folder's path or file: URL, got 7");
  });
});
