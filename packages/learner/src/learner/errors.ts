import { type Fail, LrfindError } from "lrfind/core";
import { type NonFinite, nameInWords } from "./fit/step/finiteness.js";

/** A learner that is given what it cannot use: `where: expected X, got Y; try Z`. The learner is left as it was. */
export class LearnerError extends LrfindError {
  override readonly name: string = "LearnerError";
}

/** Throws a `LearnerError` for what a check refuses. */
export const refuse: Fail = ({ where, expected, got, hint }) => {
  throw new LearnerError({ where, expected, got, ...(hint === undefined ? {} : { hint }) });
};

/** A training step whose loss is NaN or infinite. The learner keeps the state from before that step. */
export class NonFiniteLossError extends LearnerError {
  override readonly name = "NonFiniteLossError";
  /** The loss. */
  readonly loss: number;
  /** 0-based number of the step in the learner's life. */
  readonly step: number;

  constructor(where: string, loss: number, step: number) {
    super({
      where,
      expected: `a finite loss at step ${step}`,
      got: String(loss),
      hint: "a lower learning rate (lrFind suggests one), or look for NaN in the data",
    });
    this.loss = loss;
    this.step = step;
  }
}

/**
 * A training step with a finite loss that would have made a parameter, or what goes with it, NaN or infinite. The
 * learner keeps the state from before that step.
 */
export class NonFiniteStateError extends LearnerError {
  override readonly name = "NonFiniteStateError";
  /** The first such tensor's name in the state: `param:NAME`, `slot:SLOT:NAME` or `buffer:NAME`. */
  readonly tensor: string;
  /** The first such element. */
  readonly value: number;
  /** 0-based number of the step in the learner's life. */
  readonly step: number;

  constructor(where: string, { tensor, value, wasBefore }: NonFinite, at: { step: number; loss: number }) {
    super({
      where,
      expected: `${nameInWords(tensor)} to stay finite at step ${at.step}, whose loss is ${at.loss}`,
      got: `${value}${wasBefore ? ", which it had in it before the step" : ""}`,
      hint: wasBefore
        ? "a state without NaN and infinities"
        : "to look for a root, a logarithm or a division at 0, whose gradient is not finite, or a lower learning rate",
    });
    this.tensor = tensor;
    this.value = value;
    this.step = at.step;
  }
}
