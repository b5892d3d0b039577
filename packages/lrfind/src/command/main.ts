#!/usr/bin/env node
import { endQuietly } from "../core/index.js";
import { processHost } from "./host.js";
import { runCommand } from "./program.js";

endQuietly();
const exitCode = await runCommand(process.argv.slice(2), processHost());
// What a module that was run has left open must not keep the process; what was printed must be out.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
