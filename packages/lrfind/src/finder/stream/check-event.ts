import {
  arrayOf,
  type Check,
  checkArgument,
  type Fail,
  integer,
  number,
  oneOf,
  required,
  string,
} from "../../core/index.js";
import { refuse, suggestions, trainerInfo } from "../checks.js";
import { STOP_REASONS } from "../curve/curve.js";
import {
  anyNumber,
  checkFields,
  cost,
  diagnostics,
  index,
  milliseconds,
  object,
  rates,
} from "../data-checks.js";
import type { SearchEvent } from "./events.js";

/** The fields of a search's options, as they are recorded. */
export const RECORDED_OPTIONS: Readonly<Record<string, Check>> = {
  suggestFuncs: required(arrayOf(string)),
  runs: required(integer({ min: 1 })),
  groups: required(oneOf("together", "each")),
  heldLr: required(number({ min: 0 })),
  startLr: rates,
  endLr: rates,
  numIt: required(integer({ min: 1 })),
  stopDiv: required(oneOf(true, false)),
  divFactor: required(number({ above: 1 })),
  sweep: required(oneOf("exponential", "linear")),
  beta: required(number({ min: 0, below: 1 })),
  lossOn: required(oneOf("train", "validation")),
  seed: integer(),
};

const stop = required(oneOf(...STOP_REASONS));
const place = { run: index, group: index };

const EVENTS: { readonly [K in SearchEvent["kind"]]: Readonly<Record<string, Check>> } = {
  started: { options: object, paramGroups: required(arrayOf(string)), trainer: trainerInfo },
  runStarted: { ...place, seed: integer() },
  point: {
    ...place,
    step: index,
    lr: required(number({ above: 0 })),
    loss: anyNumber,
    smoothed: anyNumber,
    lrs: arrayOf(anyNumber),
    done: index,
    total: index,
    elapsedMs: milliseconds,
  },
  runEnded: { ...place, stop, suggestions: required(suggestions), validation: cost, elapsedMs: milliseconds },
  finding: { group: index, suggestions: required(suggestions), diagnostics: required(diagnostics) },
  ended: { result: object },
};

/**
 * Throws unless a value is an event of a search. Fields that this version does not know are let be.
 *
 * @param where - The caller, which begins every message.
 * @param fail - Throws the error. Default: an `LrFindOptionError`.
 */
export function checkEvent(where: string, event: unknown, fail: Fail = refuse): asserts event is SearchEvent {
  checkArgument(where, "event", event, object, fail);
  const { kind } = event as SearchEvent;
  checkArgument(where, "event.kind", kind, oneOf(...Object.keys(EVENTS)), fail);
  checkFields(where, event as object, { path: "event", checks: EVENTS[kind], fail });
  if (kind !== "started") return;
  const { options } = event as { options: object };
  checkFields(where, options, { path: "event.options", checks: RECORDED_OPTIONS, fail });
}
