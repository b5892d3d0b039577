/**
 * What some tests need that npm does not install. Each function gives a path, or undefined where the thing is
 * missing, saying so: the tests that need it are then skipped. With LRFIND_REQUIRE_ALL=1 in the environment, as in
 * CI, they throw instead.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Chromium or Chrome. */
export function chromium(): string | undefined {
  const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = places.find((path) => existsSync(path));
  return found ?? missing("Chromium", `none of ${places.join(", ")}; try: apt-get install chromium`);
}

/** A Python that imports PyTorch and torchvision. */
export function torchPython(): string | undefined {
  const pythons = ["python3", "/usr/bin/python3"];
  const found = pythons.find((python) => spawnSync(python, ["-c", "import torch, torchvision"]).status === 0);
  const packages = "python3-torch python3-torchvision";
  return found ?? missing("PyTorch", `not in ${pythons.join(" or ")}; try: apt-get install ${packages}`);
}

/** Programs, each of which has to be there: `redis-server`, or the several of Slurm. */
export function programs(what: string, names: readonly string[], packages: string): true | undefined {
  const places = (process.env["PATH"] ?? "").split(":").concat("/usr/sbin", "/usr/bin");
  const absent = names.filter((name) => !places.some((place) => existsSync(`${place}/${name}`)));
  if (absent.length === 0) return true;
  return missing(what, `no ${absent.join(", ")}; try: apt-get install ${packages}`);
}

/** Says what is missing; in CI it throws. */
export function missing(what: string, why: string): undefined {
  const message = `${what} is missing: ${why}`;
  if (process.env["LRFIND_REQUIRE_ALL"] === "1") throw new Error(message);
  console.warn(`${message}. The tests that need it are skipped.`);
}
