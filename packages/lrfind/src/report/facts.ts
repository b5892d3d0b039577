import { formatRate, plainText } from "../core/index.js";
import type { SearchFacts } from "../finder/index.js";
import { h, text } from "./html.js";

/** What was searched, how, with what: what it takes to repeat it. */
export function factsSection(facts: SearchFacts | undefined, command: string | undefined): string {
  const rows = facts === undefined ? [] : rowsOf(facts);
  if (rows.length === 0 && command === undefined) return "";
  const list = rows.map(([term, value]) => h("div", {}, h("dt", {}, text(term)), h("dd", {}, text(value))));
  return h(
    "section",
    { class: "facts", "aria-labelledby": "facts" },
    h("h2", { id: "facts" }, "How it was measured"),
    list.length === 0 ? "" : h("dl", {}, ...list),
    command === undefined
      ? ""
      : h(
          "div",
          { class: "code" },
          h("pre", { tabindex: 0 }, h("code", {}, text(command))),
          h("button", { type: "button", class: "copy" }, "Copy"),
        ),
  );
}

function rowsOf(facts: SearchFacts): readonly (readonly [string, string])[] {
  const { options, trainer, paramGroups, durationMs } = facts;
  const rate = (lr: number | readonly number[]) =>
    [lr]
      .flat()
      .map((each) => formatRate(each as number))
      .join(", ");
  return [
    ...(trainer?.name === undefined ? [] : ([["Trained", plainText(trainer.name)]] as const)),
    ...(trainer?.parameters === undefined
      ? []
      : ([["Parameters", trainer.parameters.toLocaleString("en")]] as const)),
    ["Rates", `${rate(options.startLr)} to ${rate(options.endLr)}, ${options.sweep}`],
    ["Steps", `${options.numIt}${options.runs > 1 ? ` in each of ${options.runs} runs` : ""}`],
    ["Seed", options.seed === undefined ? "the trainer's own state" : String(options.seed)],
    [
      "Loss",
      options.lossOn === "validation"
        ? "of the validation set, after each step"
        : "of each mini-batch, before its update",
    ],
    ["Smoothing", `moving average with ${options.beta}`],
    [
      "Ends",
      options.stopDiv ? `at ${options.divFactor} times the best smoothed loss` : "after the last step",
    ],
    ["Suggesters", options.suggestFuncs.map(plainText).join(", ")],
    ...(paramGroups.length > 1
      ? ([
          [
            "Parameter groups",
            `${paramGroups.map(plainText).join(", ")}, ${options.groups === "each" ? "each alone" : "together"}`,
          ],
        ] as const)
      : []),
    ["Took", `${(durationMs / 1000).toPrecision(3)} s`],
    ...Object.entries(trainer?.versions ?? {}).map(
      ([name, version]) => [plainText(name), plainText(version)] as const,
    ),
  ];
}
