import fc from "fast-check";

// The same random cases in every run, so that a failure can be repeated and a pass means the same for everyone.
// LRFIND_FUZZ_SEED=2 npm test tries others.
fc.configureGlobal({ seed: Number(process.env["LRFIND_FUZZ_SEED"] ?? 1) });
