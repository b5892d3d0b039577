import { type Fail, LrfindError } from "lrfind/core";

/** A sweep, a job or a journal cannot be used. */
export class SweepError extends LrfindError {
  override readonly name: string = "SweepError";
}

/** Throws a `SweepError` for an argument that cannot be used. */
export const refuse: Fail = ({ where, expected, got, hint }) => {
  throw new SweepError({ where, expected, got, ...(hint === undefined ? {} : { hint }) });
};
