import type { Model, ParamGroup } from "@lrfind/engine";
import { arrayOf, describe, string } from "lrfind/core";
import { check } from "./checks.js";
import { LearnerError } from "./errors.js";

/** How parameters are treated by their role. */
export interface RoleRules {
  /** Whether normalisation's parameters are trained in frozen groups too. */
  readonly trainBn: boolean;
  /** Whether weight decay applies to normalisation's parameters and to biases too. */
  readonly wdBnBias: boolean;
}

const GROUPS = arrayOf(
  {
    expected: "a group { name, parameters }",
    accepts: (value) => {
      const { name, parameters } = Object(value) as Partial<ParamGroup>;
      return typeof name === "string" && arrayOf(string).accepts(parameters);
    },
  },
  { minLength: 1 },
);

/** A model's parameter groups, first layers first, of which the first can be frozen. */
export class ParameterGroups {
  readonly groups: readonly ParamGroup[];
  readonly #model: Model;
  readonly #rules: RoleRules;
  #frozen = 0;
  /** Looked up at every step. */
  #trained: ReadonlySet<string>;

  constructor(model: Model, groups: readonly ParamGroup[] | undefined, rules: RoleRules) {
    this.#model = model;
    this.#rules = rules;
    if (groups !== undefined) check("Learner splitter", "its result", groups, GROUPS);
    this.groups = groups ??
      model.paramGroups ?? [{ name: "all", parameters: model.parameters.map(({ name }) => name) }];
    this.#trained = this.#findTrained();
  }

  /** How many of the first groups are frozen. */
  get frozen(): number {
    return this.#frozen;
  }

  /** Freezes all groups but the last. @throws {LearnerError} when there is only one. */
  freeze(): void {
    if (this.groups.length < 2) {
      throw new LearnerError({
        where: "freeze",
        expected: "at least two parameter groups",
        got: String(this.groups.length),
        hint: "a splitter that makes several",
      });
    }
    this.freezeTo(-1);
  }

  /**
   * Freezes the groups before the n-th, counted from the end where `n` is negative, and thaws the others.
   *
   * @throws {LearnerError} when that would leave no group to train.
   */
  freezeTo(n: number): void {
    const count = this.groups.length;
    if (!Number.isInteger(n) || n >= count || n < -count) {
      throw new LearnerError({
        where: "freezeTo",
        expected: `a whole number from ${-count} to ${count - 1}, for ${count} parameter group(s)`,
        got: describe(n),
        ...(count === 1 ? { hint: "a splitter that makes several groups" } : {}),
      });
    }
    this.#frozen = n < 0 ? count + n : n;
    this.#trained = this.#findTrained();
  }

  /** Names of the parameters that are trained. */
  get trained(): ReadonlySet<string> {
    return this.#trained;
  }

  /** Names of the parameters that weight decay applies to. */
  get decayed(): ReadonlySet<string> {
    const decays = this.#model.parameters.filter(({ role }) => this.#rules.wdBnBias || role === "weight");
    return new Set(decays.map(({ name }) => name));
  }

  #findTrained(): ReadonlySet<string> {
    const { trainBn } = this.#rules;
    const norms = new Set(
      this.#model.parameters.filter(({ role }) => trainBn && role === "norm").map(({ name }) => name),
    );
    const names = this.groups.flatMap(({ parameters }, i) =>
      i >= this.#frozen ? parameters : parameters.filter((name) => norms.has(name)),
    );
    return new Set(names);
  }
}
