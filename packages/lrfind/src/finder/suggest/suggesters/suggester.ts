import { type Checks, func, string } from "../../../core/index.js";
import { check as checkArgument, checkColumns, checkFinderOptions, losses, refuse } from "../../checks.js";
import type { Curve } from "../../curve/curve.js";
import type { Explanation } from "../explanation.js";
import type { Suggestion } from "../suggestion.js";

/** What a suggester reads: the trimmed curve, and the whole one behind it. */
export interface SuggesterInput {
  /** Learning rates of the trimmed curve, ascending; see `trimCurve`. */
  readonly lr: readonly number[];
  /** Smoothed losses of the trimmed curve: as many, all finite. */
  readonly loss: readonly number[];
  /** The whole curve, untrimmed, with its raw losses. */
  readonly curve: Curve;
}

/**
 * A named way to read a learning rate off a curve. Pure: the same curve gives the same answer, and no curve,
 * however short or broken, makes it throw.
 *
 * @typeParam Name - Its name, under which a result lists its suggestion.
 * @typeParam S - What it returns: a `Suggestion`, perhaps with more fields.
 * @typeParam Options - What `.with(…)` accepts.
 */
export interface Suggester<
  Name extends string = string,
  S extends Suggestion = Suggestion,
  Options extends object = object,
> {
  /** Its name, under which a result lists its suggestion. */
  readonly name: Name;
  /** What it looks for, in one phrase: fits a table. */
  readonly summary: string;
  /** Reads a rate off a curve, or says why this curve supports none. */
  readonly suggest: (input: SuggesterInput) => S;
  /** How it came to its rate; null where it has none. Left out by one that does not say. */
  readonly explain?: (input: SuggesterInput) => Explanation | null;
  /** The same suggester with other options; those left out keep their present values. */
  with(options: Partial<Options>): Suggester<Name, S, Options>;
  /** The same suggester under another name, so that two variants fit in one result. */
  as<NewName extends string>(name: NewName): Suggester<NewName, S, Options>;
}

/** The suggestions of some suggesters, each under its suggester's name and of its suggester's type. */
export type Suggestions<Funcs extends readonly Suggester[]> = {
  readonly [F in Funcs[number] as F["name"]]: ReturnType<F["suggest"]>;
};

/**
 * Makes a suggester: the five that lrfind has are made by it, and so are yours.
 *
 * @param name - Under which a result lists its suggestion.
 * @param suggest - Reads a rate off a curve, given the options. For a curve that supports no rate it returns
 *   `{ lr: null, reason }`.
 * @param definition.summary - What it looks for, in one phrase. Default: the name.
 * @param definition.defaults - Its options with their defaults. Default: it has none.
 * @param definition.check - Throws for an option value that cannot be used; run by `.with`.
 * @param definition.explain - How it came to the rate, for pictures; null where there is none.
 * @returns The suggester, frozen.
 * @throws LrFindOptionError from `.with`, for an option that does not exist or a value of the wrong kind.
 *
 * @example
 * ```ts
 * // The rate at which the loss has covered some share of its way down.
 * const wayDown = suggester(
 *   "wayDown",
 *   ({ lr, loss }, { share }) => {
 *     const goal = loss[0]! - share * (loss[0]! - Math.min(...loss));
 *     const i = loss.findIndex((value) => value <= goal);
 *     if (i <= 0) return { lr: null, reason: "the loss never fell" };
 *     return { lr: lr[i]!, point: { lr: lr[i]!, loss: loss[i]! } };
 *   },
 *   { summary: "where the loss has come half way down", defaults: { share: 0.5 } },
 * );
 *
 * const { suggestions } = await lrFind(trainer, { suggestFuncs: [wayDown, wayDown.with({ share: 0.8 }).as("late")] });
 * suggestions.late.lr;
 * ```
 */
export function suggester<
  const Name extends string,
  S extends Suggestion,
  Options extends object = Record<string, never>,
>(
  name: Name,
  suggest: (input: SuggesterInput, options: Options) => S,
  definition: {
    readonly summary?: string;
    readonly defaults?: Options;
    readonly check?: (options: Options, where: string) => void;
    readonly explain?: (input: SuggesterInput, options: Options) => Explanation | null;
  } = {},
): Suggester<Name, S, Options> {
  checkArgument("suggester", "name", name, NAME);
  checkArgument("suggester", "suggest", suggest, func);
  checkFinderOptions<Definition>("suggester", definition, DEFINITION);
  const { summary = name, defaults = {} as Options, check, explain } = definition;
  return Object.freeze({
    name,
    summary,
    suggest(input: SuggesterInput) {
      checkInput(name, input);
      return suggest(input, defaults);
    },
    ...(explain === undefined
      ? {}
      : {
          explain(input: SuggesterInput) {
            checkInput(name, input, "explain");
            return explain(input, defaults);
          },
        }),
    with(options: Partial<Options>) {
      const where = `${name}.with`;
      checkKinds(where, defaults, options);
      const given = Object.entries(options).filter(([, value]) => value !== undefined);
      const merged = { ...defaults, ...Object.fromEntries(given) } as Options;
      check?.(merged, where);
      return suggester(name, suggest, { ...definition, defaults: merged });
    },
    as: <NewName extends string>(newName: NewName) => suggester(newName, suggest, { ...definition, summary }),
  });
}

interface Definition {
  readonly summary?: string;
  readonly defaults?: object;
  readonly check?: unknown;
  readonly explain?: unknown;
}

const NAME = {
  expected: "a name, a string that is not empty",
  accepts: (x: unknown) => string.accepts(x) && x !== "",
};
const DEFINITION: Checks<Definition> = {
  summary: string,
  defaults: {
    expected: "an object",
    accepts: (x) => typeof x === "object" && x !== null && !Array.isArray(x),
  },
  check: func,
  explain: func,
};

/** Throws unless there is something to read: a suggester may be called by hand. */
function checkInput(name: string, input: unknown, method = "suggest"): void {
  const { lr, loss, curve } = (input ?? {}) as Partial<SuggesterInput>;
  const where = `${name}.${method}`;
  for (const [field, column] of Object.entries({ lr, loss }))
    checkArgument(where, `input.${field}`, column, losses);
  checkColumns(where, curve);
}

/** Throws unless every given option exists and has the type of its default. */
function checkKinds(where: string, defaults: object, options: object): void {
  const known = Object.entries(defaults);
  if (known.length === 0) {
    const [option] = Object.keys(Object(options));
    if (option === undefined && typeof options === "object" && options !== null) return;
    const expected = "no options";
    refuse({
      where,
      expected,
      got: "",
      option: option ?? "options",
      received: option ?? options,
      hint: "leaving it out",
    });
  }
  const checks = known.map(([option, value]) => {
    const expected = `a ${typeof value}`;
    const accepts = (x: unknown) => typeof x === typeof value && !Number.isNaN(x);
    return [option, { expected, accepts, hint: () => String(value) }];
  });
  checkFinderOptions<object>(where, options, Object.fromEntries(checks));
}
