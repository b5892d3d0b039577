import { readFileSync } from "node:fs";
import { defineConfig } from "vitepress";

const REPOSITORY = "https://github.com/lrfind/lrfind";

/** A page of the reference and its title, from the table that `npm run reference` writes. */
const reference = Array.from(
  readFileSync(new URL("../reference/README.md", import.meta.url), "utf8").matchAll(
    /^\| \[([^\]]+)\]\((\w+)\.md\)/gm,
  ),
  ([, text, name]) => ({ text: text!, link: `/reference/${name}` }),
);

export default defineConfig({
  title: "lrfind",
  description: "The learning rate finder for TypeScript, and a Learner that trains at native speed.",
  lang: "en",
  cleanUrls: false,
  // Pages open from a folder of any name.
  base: process.env["SITE_BASE"] ?? "/",
  rewrites: { "reference/README.md": "reference/index.md" },
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark" },
    config(md) {
      // What stands outside docs/ is read in the repository.
      const open = md.renderer.rules["link_open"]!;
      md.renderer.rules["link_open"] = (tokens, i, ...rest) => {
        const href = tokens[i]!.attrGet("href") ?? "";
        if (href.startsWith("../")) tokens[i]!.attrSet("href", `${REPOSITORY}/blob/main/${href.slice(3)}`);
        return open(tokens, i, ...rest);
      };
    },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Learn", link: "/learning-rate" },
      { text: "Guide", link: "/finder" },
      { text: "Reference", link: "/reference/" },
    ],
    sidebar: [
      {
        text: "Learn",
        items: [
          { text: "What a learning rate is", link: "/learning-rate" },
          { text: "Reading the plot", link: "/reading-the-plot" },
          { text: "Which suggester", link: "/which-suggester" },
          { text: "Rates for fine-tuning", link: "/fine-tuning" },
          { text: "Your own loop", link: "/your-own-loop" },
        ],
      },
      {
        text: "Guide",
        items: [
          { text: "The command", link: "/command" },
          { text: "The finder", link: "/finder" },
          { text: "The Learner", link: "/learner" },
          { text: "Sweeps", link: "/sweep" },
          { text: "Queues and clusters", link: "/clusters" },
          { text: "ONNX models and the engine", link: "/onnx" },
          { text: "Write your own", link: "/write-your-own" },
        ],
      },
      { text: "Reference", link: "/reference/", items: reference, collapsed: true },
    ],
  },
  head: [["meta", { name: "theme-color", content: "#0b5cad" }]],
});
