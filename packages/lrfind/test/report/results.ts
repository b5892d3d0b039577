import { diagnose, edge, minimum, slide, smooth, steep, suggest, valley } from "../../src/finder/index.js";
import type { RecordedFinding } from "../../src/report/index.js";
import { recordedTest } from "../logs/recorded-test.js";

export const suggestFuncs = [valley, slide, steep, minimum, edge];

/** A finding of columns, as a recorded log gives it. */
export function findingOf(lr: readonly number[], loss: readonly number[]): RecordedFinding {
  const curve = {
    numIt: Math.max(6, lr.length),
    stop: "completed",
    lr,
    loss,
    smoothed: smooth(loss),
  } as const;
  const suggestions = suggest(curve, { suggestFuncs });
  return { curve, suggestions, diagnostics: diagnose(curve, suggestions) };
}

/** A finding that looks as it should. */
export function recorded(seed = 1): RecordedFinding {
  const { lr, loss } = recordedTest({ seed });
  return findingOf(lr, loss);
}
