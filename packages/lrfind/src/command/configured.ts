import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { checkOptions, LrfindError } from "../core/index.js";
import { defaultOf, loadModule } from "../modules/index.js";
import type { Host } from "./host.js";

const FILES = ["ts", "mts", "js", "mjs"].map((ending) => `lrfind.config.${ending}`);

/**
 * Gives a command what `lrfind.config.ts` says of it, where the command line does not.
 *
 * @throws {LrfindError} for a configuration that cannot be used, or an option in it that the command does not have.
 */
export async function configure(command: Command, host: Host): Promise<void> {
  const { config } = command.optsWithGlobals() as { readonly config?: string | false };
  if (config === false) return;
  const path = typeof config === "string" ? config : FILES.find((name) => existsSync(join(host.cwd, name)));
  if (path === undefined) return;
  const settings = defaultOf(await loadModule(path, host.cwd));
  if (typeof settings !== "object" || settings === null) {
    throw new LrfindError({
      where: path,
      expected: "a default export",
      hint: "export default defineConfig({ … })",
    });
  }
  const commands = command.parent?.commands.map((other) => other.name()) ?? [];
  checkOptions(path, settings, Object.fromEntries(commands.map((name) => [name, section])));
  const own = (settings as Record<string, unknown>)[command.name()] ?? {};
  const known = command.options.map((option) => option.attributeName());
  checkOptions(`${path}, ${command.name()}`, own, Object.fromEntries(known.map((name) => [name, anything])));
  for (const [name, value] of Object.entries(own)) {
    if (command.getOptionValueSource(name) === "cli") continue;
    command.setOptionValueWithSource(name, value, "config");
  }
}

const anything = { expected: "anything", accepts: () => true };
const section = {
  expected: "the options of a command",
  accepts: (value: unknown) => typeof value === "object" && value !== null,
};
