import type { Curve } from "../curve/curve.js";
import type { Diagnostic } from "../suggest/diagnose.js";
import { diagnose } from "../suggest/diagnose.js";
import { suggest } from "../suggest/suggest.js";
import type { Suggester } from "../suggest/suggesters/suggester.js";
import { planOf, type ResolvedOptions } from "./options.js";
import { type NamedSweep, notRestored } from "./restored.js";
import type { Finding, FindProgress, FindRun, OnPoint } from "./result.js";
import { combineRuns } from "./runs.js";
import { rateAt } from "./schedule.js";
import { type SweepPlan, type SweepRecord, sweep } from "./sweep.js";
import type { Trainer } from "./trainer.js";

/**
 * The sweeps of one `lrFind`: runs them, tells of their points, and adds up what they cost.
 *
 * @typeParam Funcs - The suggesters that are asked about every curve.
 */
export class Search<Funcs extends readonly Suggester[]> {
  readonly validation = { count: 0, durationMs: 0 };
  private done = 0;
  /** The first sweep and the last one: every later one is to begin as the first did. */
  private first: NamedSweep | undefined;
  private last: NamedSweep | undefined;

  constructor(
    private readonly trainer: Trainer,
    private readonly suggestFuncs: Funcs,
    private readonly extent: {
      readonly runs: number;
      readonly groups: number;
      readonly numIt: number;
      /** What each sweep is called within a message. */
      readonly nameOf: (run: number, group: number) => string;
      /** How many losses show where a sweep began. */
      readonly startSteps: number;
      readonly onPoint?: OnPoint;
    },
  ) {}

  /** One sweep, or several runs of it. An abort leaves out the runs that have not begun. */
  async find(plan: SweepPlan, group: number): Promise<Finding<Funcs>> {
    const { runs } = this.extent;
    const { suggestFuncs } = this;
    if (runs === 1) {
      const { curve } = await this.record(plan, { run: 0, group });
      const suggestions = suggest(curve, { suggestFuncs });
      const diagnostics = [...this.compared(curve, 0, group), ...diagnose(curve, suggestions)];
      return { curve, suggestions, diagnostics };
    }
    const each: FindRun<Funcs>[] = [];
    const unlike: Diagnostic[] = [];
    for (let run = 0; run < runs; run++) {
      const seed = (plan.seed ?? 0) + run;
      const { curve } = await this.record({ ...plan, seed }, { run, group });
      unlike.push(...this.compared(curve, run, group));
      each.push({ seed, curve, suggestions: suggest(curve, { suggestFuncs }) });
      if (curve.stop === "aborted") break;
    }
    const finding = combineRuns(suggestFuncs, each);
    // The first to begin elsewhere says it: the others follow from it.
    return { ...finding, diagnostics: [...unlike.slice(0, 1), ...finding.diagnostics] };
  }

  /** Whether a sweep began as the first one did. */
  private compared(curve: Curve, run: number, group: number): Diagnostic[] {
    const sweep = { name: this.extent.nameOf(run, group), curve };
    const { first = sweep, last = sweep } = this;
    this.first = first;
    this.last = sweep;
    const warning = first === sweep ? undefined : notRestored(first, last, sweep, this.extent.startSteps);
    return warning === undefined ? [] : [warning];
  }

  private async record(
    plan: SweepPlan,
    at: { readonly run: number; readonly group: number },
  ): Promise<SweepRecord> {
    const { runs, groups, numIt, onPoint } = this.extent;
    const test = sweep("lrFind", this.trainer, plan);
    for (;;) {
      const next = await test.next();
      if (next.done) {
        this.validation.count += next.value.validation.count;
        this.validation.durationMs += next.value.validation.durationMs;
        return next.value;
      }
      this.done++;
      if (onPoint === undefined) continue;
      const progress: FindProgress = { ...at, runs, groups, done: this.done, total: runs * groups * numIt };
      await this.tell(test, () => onPoint(next.value, progress));
    }
  }

  /** Calls back, and ends the test if that throws. */
  private async tell(test: ReturnType<typeof sweep>, call: () => void | Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      await test.throw(error);
    }
  }
}

/**
 * A plan that sweeps one parameter group and holds the others.
 *
 * @param options - The range of every group, and the rest of the plan.
 * @param solo - How many groups there are, which one is swept, and at what rate the others are held.
 * @returns The plan; where there is one group only, that of an ordinary sweep.
 */
export function soloPlan(
  options: ResolvedOptions,
  solo: { readonly groups: number; readonly swept: number; readonly heldLr: number },
): SweepPlan {
  const { groups, swept, heldLr } = solo;
  if (groups === 1) return planOf(options);
  const { bounds, sweep: spacing, numIt } = options;
  const { start, end } = bounds[swept] ?? bounds[0]!;
  return {
    ...options,
    rates(step) {
      const lr = rateAt(spacing, { start, end }, step / numIt);
      return { lr, lrs: Array.from({ length: groups }, (_, group) => (group === swept ? lr : heldLr)) };
    },
  };
}
