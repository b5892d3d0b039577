import { expect, test } from "vitest";
import { tensor } from "../../../engine/src/onnx/index.js";
import type { StateTensors, TrainState } from "../../src/learner/index.js";
import { StateCell } from "../../src/learner/state-cell.js";

const made = (value: number): StateTensors => ({ w: tensor("float32", [1], [value]) });
const stateOf = (tensors: StateTensors, step: number): TrainState => ({ tensors, step, epoch: 0, ages: {} });

/** Commits a step that makes these tensors. */
function commit(cell: StateCell, tensors: StateTensors): void {
  cell.commit(stateOf({ ...cell.current.tensors, ...tensors }, cell.current.step + 1), tensors);
}

test("two sets of tensors take turns, but never the one it was given", () => {
  const cell = new StateCell(stateOf(made(0), 0));
  const [a, b, c] = [made(1), made(2), made(3)];
  commit(cell, a);
  expect(cell.recycle).toEqual({});
  commit(cell, b);
  expect(cell.recycle).toBe(a);
  commit(cell, c);
  expect(cell.recycle).toBe(b);
});

test("a state that was handed out is never written to", () => {
  const cell = new StateCell(stateOf(made(0), 0));
  const [a, b, c] = [made(1), made(2), made(3)];
  commit(cell, a);
  expect(cell.share().tensors).toEqual(a);
  cell.endEpoch();
  commit(cell, b);
  expect(cell.recycle).toEqual({});
  commit(cell, c);
  expect(cell.recycle).toBe(b);
});

test("a tensor that the last step did not make is not its own to give away", () => {
  const frozen = tensor("float32", [1], [7]);
  const cell = new StateCell(stateOf({ ...made(0), frozen }, 0));
  for (const value of [1, 2, 3]) commit(cell, made(value));
  expect(cell.current.tensors["frozen"]).toBe(frozen);
  expect(cell.recycle).not.toHaveProperty("frozen");
});

test("a state from elsewhere starts anew, and epochs count on", () => {
  const cell = new StateCell(stateOf(made(0), 0));
  commit(cell, made(1));
  commit(cell, made(2));
  const other = stateOf(made(9), 5);
  cell.replace(other);
  expect(cell.current).toBe(other);
  expect(cell.recycle).toEqual({});
  cell.endEpoch();
  expect(cell.current).toEqual({ ...other, epoch: 1 });
});
