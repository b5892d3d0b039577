import { formatRate } from "../core/index.js";
import { h, text } from "./html.js";

/** How a rate is used, by framework. */
function snippets(lr: string): readonly (readonly [name: string, code: string])[] {
  return [
    ["lrfind", `await learn.fitOneCycle(5, { lrMax: ${lr} });`],
    [
      "PyTorch",
      `optimizer = torch.optim.AdamW(model.parameters(), lr=${lr})
scheduler = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, max_lr=${lr}, epochs=5, steps_per_epoch=len(loader))
# after each optimizer.step(): scheduler.step()`,
    ],
    [
      "TensorFlow.js",
      `model.compile({ optimizer: tf.train.adam(${lr}), loss: "categoricalCrossentropy" });
await model.fit(x, y, { epochs: 5 });`,
    ],
    [
      "Keras",
      `model.compile(optimizer=keras.optimizers.Adam(learning_rate=${lr}),
              loss="sparse_categorical_crossentropy")
model.fit(x, y, epochs=5)`,
    ],
  ];
}

/** Code that uses a rate, a tab for each framework; all of it where no script runs. */
export function useIt(lr: number): string {
  const list = snippets(formatRate(lr));
  const tabs = list.map(([name], i) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab${i}`,
        "aria-controls": `use${i}`,
        "aria-selected": i === 0 ? "true" : "false",
        tabindex: i === 0 ? 0 : -1,
      },
      text(name),
    ),
  );
  const panels = list.map(([name, code], i) =>
    h(
      "div",
      { role: "tabpanel", id: `use${i}`, "aria-labelledby": `tab${i}`, class: "code" },
      h("h3", { class: "framework" }, text(name)),
      h("pre", { tabindex: 0 }, h("code", {}, code.split("\n").map(text).join("\n"))),
      h("button", { type: "button", class: "copy" }, "Copy"),
    ),
  );
  return h(
    "section",
    { class: "use", "aria-labelledby": "use-it" },
    h("h2", { id: "use-it" }, "Use it"),
    h("div", { role: "tablist", "aria-labelledby": "use-it" }, ...tabs),
    ...panels,
  );
}
