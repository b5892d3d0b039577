import type { Trainer, Trial } from "../../src/finder/index.js";

/** What a toy trainer can be made to do. */
export interface ToyOptions {
  /** Makes this step (0-based) throw, return another loss, or wait for the abort. */
  readonly onStep?: (step: number, loss: number, signal?: AbortSignal) => number | Promise<number>;
  readonly onValidate?: () => number;
  readonly paramGroups?: readonly string[];
}

/**
 * Momentum descent on the sum of w² over the groups, changing its own weights in place: a mutable framework,
 * as an adapter sees one. Counts what was asked of it.
 */
export class ToyTrainer implements Trainer {
  weights: number[];
  momenta: number[];
  batch = 0;
  readonly paramGroups?: readonly string[];
  readonly log = { trials: 0, disposals: 0, validations: 0, seeds: [] as (number | undefined)[] };
  readonly rates: (number | readonly number[])[] = [];

  constructor(private readonly options: ToyOptions = {}) {
    const groups = options.paramGroups?.length ?? 1;
    if (options.paramGroups) this.paramGroups = options.paramGroups;
    this.weights = Array(groups).fill(1);
    this.momenta = Array(groups).fill(0);
  }

  get state() {
    return { weights: [...this.weights], momenta: [...this.momenta], batch: this.batch };
  }

  /** One real step of training. */
  train(lr: number | readonly number[]): number {
    const loss = this.weights.reduce((sum, w) => sum + w * w, 0) + Math.sin(this.batch++) / 100;
    this.weights.forEach((w, i) => {
      this.momenta[i] = 0.5 * this.momenta[i]! + 2 * w;
      this.weights[i] = w - (typeof lr === "number" ? lr : lr[i]!) * this.momenta[i]!;
    });
    return loss;
  }

  async startTrial(options: { seed?: number; signal?: AbortSignal } = {}): Promise<Trial> {
    const { onStep, onValidate } = this.options;
    const { log, rates } = this;
    const { weights, momenta, batch } = this.state;
    let step = 0;
    log.trials++;
    log.seeds.push(options.seed);
    if (options.seed !== undefined) this.batch = 100 * options.seed;
    return {
      step: async (lr) => {
        rates.push(lr);
        const loss = this.train(lr);
        return onStep ? onStep(step++, loss, options.signal) : loss;
      },
      ...(onValidate && {
        validate: async () => {
          log.validations++;
          return onValidate();
        },
      }),
      [Symbol.asyncDispose]: async () => {
        log.disposals++;
        Object.assign(this, { weights, momenta, batch });
      },
    };
  }
}
