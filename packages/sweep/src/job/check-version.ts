import { SweepError } from "./errors.js";
import { VERSION } from "./version.js";

/** Throws where a job was planned by another version than does it. */
export function checkVersion(planned: string, where: string): void {
  if (planned === VERSION) return;
  throw new SweepError({
    where,
    expected: `version ${planned}, which the sweep was planned by`,
    got: `version ${VERSION}`,
    hint: `npm install lrfind@${planned} @lrfind/sweep@${planned} @lrfind/learner@${planned}`,
  });
}
