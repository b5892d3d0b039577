import type * as Ort from "onnxruntime-common";
import { describe, expect, test } from "vitest";
import { GraphBuilder, tensor } from "../../src/onnx/index.js";
import { fetchingOf, probe, UNREADABLE } from "../../src/runtime/fetching.js";
import { createSession } from "../../src/runtime/index.js";
import { loadOrt } from "../../src/runtime/ort.js";

type Fetches = Readonly<Record<string, { readonly data: Float32Array } | null>>;

/** A package whose sessions do something of their own; `released` counts those that were given back. */
function packageWhere(run: (fetches: Fetches) => void, create: (model: Uint8Array) => void = () => {}) {
  const counts = { made: 0, released: 0 };
  const ort = {
    Tensor: class {
      constructor(
        readonly type: string,
        readonly data: Float32Array,
      ) {}
    },
    InferenceSession: {
      async create(model: Uint8Array) {
        create(model);
        counts.made++;
        return {
          run: async (_: unknown, fetches: Fetches) => run(fetches),
          release: async () => {
            counts.released++;
          },
        };
      },
    },
  };
  return { ort: ort as unknown as typeof Ort, counts };
}

const write = (fetches: Fetches) => fetches["y"]!.data.set([3]);
const refuseSequences = (fetches: Fetches, message: string) => {
  if (UNREADABLE in fetches) throw new Error(message);
};

describe("what a package does with the tensors that it is given", () => {
  test("the installed one writes into them and copies, until it meets an output that it cannot read", async () => {
    const { ort, native } = await loadOrt();
    expect(native).toBe(true);
    const found = await fetchingOf({ ort, native });
    expect(found.writes).toBe(true);
    expect(found.copying).toEqual(expect.any(String));
    expect(await fetchingOf({ ort, native })).toBe(found);
    expect(await fetchingOf({ ort, native: false })).toEqual({ writes: false, copying: undefined });
  });

  test.each<[string, (fetches: Fetches) => void, { writes: boolean; copying: string | undefined }]>([
    [
      "one with another message",
      (fetches) => {
        write(fetches);
        refuseSequences(fetches, "cannot read this");
      },
      { writes: true, copying: "cannot read this" },
    ],
    ["one that writes and reads sequences", write, { writes: true, copying: undefined }],
    ["one that leaves them as they are", () => {}, { writes: false, copying: undefined }],
    [
      "one that refuses before it writes",
      (fetches) => {
        refuseSequences(fetches, "no");
        write(fetches);
      },
      { writes: true, copying: undefined },
    ],
    [
      "one that fails whatever it is asked",
      () => {
        throw new Error("broken");
      },
      { writes: false, copying: undefined },
    ],
  ])("%s", async (_, run, expected) => {
    const { ort, counts } = packageWhere(run);
    expect(await probe(ort)).toEqual(expected);
    expect(counts.released).toBe(counts.made);
  });

  test("one that makes no session of a sequence", async () => {
    const { ort } = packageWhere(write, (model) => {
      if (Buffer.from(model).includes("SequenceEmpty")) throw new Error("no sequences");
    });
    expect(await probe(ort)).toEqual({ writes: true, copying: undefined });
  });
});

test("a run that fails for another reason fails", async () => {
  const g = new GraphBuilder();
  const table = g.input("table", "float32", [2, 1]);
  const y = g.op("Gather", [table, g.input("row", "int64", [1])], { axis: 0 });
  await using session = await createSession(g.build({ y }));
  const row = tensor("int64", [1], [5]);
  await expect(session.run({ table: tensor("float32", [2, 1], [1, 2]), row })).rejects.toThrow(/indices/);
});
