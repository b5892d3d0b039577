import type { Hyper, Optimizer, UpdateContext } from "@lrfind/engine";
import { slotOf } from "@lrfind/engine/internal";
import type { TrainState } from "../../state.js";

/**
 * Parameters of equal age share the optimizer's scalars, such as bias corrections; those that were frozen for a while
 * have their own.
 */
export interface Cohorts {
  /** The ages, in the order in which they occur among the trained parameters. */
  readonly ages: readonly number[];
  /** Index of each trained parameter's age, by its name. */
  readonly of: ReadonlyMap<string, number>;
  /** Equal for equal divisions: the ages themselves do not matter. */
  readonly key: string;
}

/** How the trained parameters fall into cohorts. */
export function cohortsOf(trained: ReadonlySet<string>, { ages }: TrainState): Cohorts {
  const found: number[] = [];
  const of = new Map<string, number>();
  for (const name of trained) {
    const age = ages[name] ?? 0;
    if (!found.includes(age)) found.push(age);
    of.set(name, found.indexOf(age));
  }
  return { ages: found, of, key: found.length < 2 ? "" : [...of.values()].join() };
}

/** The optimizer, but each cohort has scalars of its own, named "COHORT/NAME". */
export function withCohorts(optimizer: Optimizer, cohorts: Cohorts): Optimizer {
  const inCohort = (context: UpdateContext): UpdateContext => {
    const cohort = cohorts.of.get(nameOfParameter(context.parameter.name)) ?? 0;
    return { ...context, scalar: (name) => context.scalar(`${cohort}/${name}`) };
  };
  return {
    ...optimizer,
    ...(optimizer.prepare
      ? {
          prepare: (steps) =>
            optimizer.prepare!(new Map([...steps].map(([name, context]) => [name, inCohort(context)]))),
        }
      : {}),
    update: (context) => optimizer.update(inCohort(context)),
  };
}

function nameOfParameter(input: string): string {
  const slot = slotOf(input);
  return slot.kind === "param" ? slot.name : "";
}

/** The scalars of a step, by the names that `withCohorts` gives. */
export function cohortScalars(
  optimizer: Optimizer,
  cohorts: Cohorts,
  hyper: Hyper,
): Readonly<Record<string, number>> {
  const scalars: Record<string, number> = {};
  cohorts.ages.forEach((age, cohort) => {
    for (const [name, value] of Object.entries(optimizer.scalars(age + 1, hyper))) {
      scalars[`${cohort}/${name}`] = value;
    }
  });
  return scalars;
}
