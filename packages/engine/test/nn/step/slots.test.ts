import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSlot, type StepSlot, slotName, slotOf } from "../../../src/nn/internal.js";
import { OnnxError } from "../../../src/onnx/index.js";

const name = fc.string();
const index = fc.nat();
const word = fc.string().filter((text) => !text.includes(":"));

const slots: fc.Arbitrary<StepSlot> = fc.oneof(
  fc.record({ kind: fc.constantFrom("input", "target", "lr", "mask"), index }),
  fc.record({ kind: fc.constantFrom("param", "buffer", "sum", "scalar"), name }),
  fc.record({ kind: fc.constant("slot"), slot: word, name }),
) as fc.Arbitrary<StepSlot>;

function nameOf(slot: StepSlot): string {
  if (slot.kind === "slot") return slotName.slot(slot.slot, slot.name);
  return "index" in slot ? slotName[slot.kind](slot.index) : slotName[slot.kind](slot.name);
}

describe("the name of a slot", () => {
  test("says what the slot is, whatever stands in a parameter's name", () => {
    fc.assert(
      fc.property(slots, (slot) => {
        expect(slotOf(nameOf(slot))).toEqual(slot);
      }),
    );
  });

  test("is that of one slot only", () => {
    fc.assert(
      fc.property(slots, slots, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(nameOf(a) === nameOf(b)).toBe(same);
      }),
    );
  });

  test.each([
    "",
    "param",
    "weight:0.w",
    "input:",
    "input:-1",
    "input:a",
    "lr:1.5",
    "slot:mean",
    "next:param:w",
  ])("%j is none", (other) => {
    expect(readSlot(other)).toBeUndefined();
    expect(() => slotOf(other)).toThrow(OnnxError);
    expect(() => slotOf(other)).toThrow(`slotOf: expected a slot of a training step`);
  });
});
