import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromium as chromiumPath } from "../../../../test/support/requirements.js";
import { element, encodePng, INK, pngUri, svgDocument } from "../../src/draw/index.js";
import { lrFind } from "../../src/finder/index.js";
import { partsToHtml, type ReportPart, toHtml } from "../../src/report/index.js";
import { ToyTrainer } from "../finder/toy-trainer.js";
import { findingOf, recorded, suggestFuncs } from "./results.js";

const executablePath = chromiumPath();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A picture that is wider than a phone, with an image in it, and a table of many columns. */
const PARTS: readonly ReportPart[] = [
  {
    heading: "A picture",
    note: "With <b>no</b> markup in its words.",
    picture: {
      toSvg: () =>
        svgDocument(
          { width: 800, height: 100 },
          element("title", {}, "wide"),
          element("rect", { class: "ground", width: 800, height: 100, fill: "white" }),
          element("text", { x: 10, y: 20, fill: INK }, "words"),
          element("image", {
            ...{ x: 700, y: 10, width: 20, height: 20 },
            href: pngUri(encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(9) })),
          }),
        ),
    },
  },
  {
    heading: "A table",
    table: {
      columns: Array.from({ length: 30 }, (_, i) => `column ${i}`),
      rows: [Array.from({ length: 30 }, (_, i) => String(i))],
    },
  },
];

describe.skipIf(executablePath === undefined)("the page in Chromium, from a disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  const files = { one: "", runs: "", compared: "", none: "", parts: "" };
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox"] });
    const result = await lrFind(new ToyTrainer(), { numIt: 60, runs: 3, suggestFuncs });
    const pages = {
      one: await toHtml(recorded(), { command: "lrfind suggest log.csv", notes: ["A note."] }),
      runs: await toHtml(result),
      compared: await toHtml([
        { name: "a", result: recorded(1) },
        { name: "b", result },
      ]),
      none: await toHtml(findingOf([0.1, 0.2], [Number.NaN, Number.NaN])),
      parts: partsToHtml(PARTS, { title: "Parts" }),
    };
    for (const [name, html] of Object.entries(pages)) {
      files[name as keyof typeof files] = join(folder, `${name}.html`);
      writeFileSync(files[name as keyof typeof files], html);
    }
  });
  afterAll(() => browser?.close());

  /** Opens a page; what it asks for or complains of fails the test. */
  async function opened(name: keyof typeof files, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, ...options });
    const page = await context.newPage();
    const url = pathToFileURL(files[name]).href;
    page.on("console", (message) => expect.fail(`console: ${message.text()}`));
    page.on("pageerror", (error) => expect.fail(error.message));
    page.on("request", (request) =>
      expect(request.url().startsWith("blob:") ? url : request.url()).toBe(url),
    );
    await page.goto(url);
    return page;
  }

  const shownMarker = (page: Page) => page.locator("svg:visible .marker").first();
  const rateOf = async (page: Page) => {
    const words = await shownMarker(page).getAttribute("aria-valuetext");
    return Number(/^rate (\S+),/.exec(words!)![1]);
  };

  test("hovering reads rate, raw and smoothed loss", async () => {
    const page = await opened("one");
    const box = (await page.locator("svg.wide").boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.3);
    expect(await page.locator(".reading").textContent()).toMatch(
      /^rate [\d.e-]+, loss [\d.]+, smoothed [\d.]+$/,
    );
    expect(await page.locator("svg.wide .spot").count()).toBe(1);
    await page.mouse.move(5, 5);
    expect((await page.locator(".reading").textContent())!.trim()).toBe("");
  });

  test("the marker is dragged along the rates", async () => {
    const page = await opened("one");
    const before = await rateOf(page);
    const grip = (await page.locator("svg.wide .marker .grip").boundingBox())!;
    const [x, y] = [grip.x + grip.width / 2, grip.y + grip.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 150, y, { steps: 4 });
    await page.mouse.up();
    expect(await rateOf(page)).toBeGreaterThan(2 * before);
    expect(await page.locator(".reading").textContent()).toContain("smoothed");
  });

  test("suggesters are toggled, and each draws how it came to its rate", async () => {
    const page = await opened("one");
    // A line has no width, by which others are known to be visible.
    const rules = page.locator('svg.wide .rule:not([style*="none"])');
    expect(await rules.count()).toBe(5);
    await page.getByRole("checkbox", { name: "slide" }).uncheck();
    expect(await rules.count()).toBe(4);
    const drawn = async () => page.locator("svg.wide .why").innerHTML();
    const pictures = new Set<string>();
    for (const name of ["valley", "slide", "steep", "minimum", "edge"]) {
      const button = page.getByRole("button", { name: `How ${name} came to it` });
      if ((await button.getAttribute("aria-pressed")) === "false") await button.click();
      expect(await button.getAttribute("aria-pressed")).toBe("true");
      pictures.add(await drawn());
    }
    expect(pictures.size).toBe(5);
    expect(await drawn()).toContain("a quarter back");
    await page.getByRole("button", { name: "How edge came to it" }).click();
    expect(await drawn()).toBe("");
  });

  test("by keyboard alone: marker, suggesters, tabs", async () => {
    const page = await opened("one");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("slider");
    const before = await rateOf(page);
    await page.keyboard.press("ArrowRight");
    expect(await rateOf(page)).toBeGreaterThan(before);
    await page.keyboard.press("Home");
    expect(await rateOf(page)).toBeCloseTo(1e-7, 12);
    await page.keyboard.press("End");
    expect(await rateOf(page)).toBe(10);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    expect(await page.getByRole("checkbox", { name: "valley" }).isChecked()).toBe(false);
    await page.getByRole("tab", { name: "lrfind" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("tab", { name: "PyTorch" }).getAttribute("aria-selected")).toBe("true");
    expect(await page.getByRole("tabpanel").textContent()).toContain("OneCycleLR");
  });

  test("files are saved without a network", async () => {
    const page = await opened("one");
    for (const [name, start] of [
      ["plot.svg", "<svg"],
      ["curve.json", '{\n  "version": 1'],
      ["curve.csv", "step,lr,loss,smoothed\n0,1e-7,"],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(name);
      expect(readFileSync(await download.path(), "utf8").startsWith(start)).toBe(true);
    }
  });

  test("several results on common axes", async () => {
    const page = await opened("compared");
    expect(await page.locator("section.compare svg.wide path.smoothed").count()).toBe(2);
    expect(await page.locator("section.compare tbody tr").count()).toBe(2);
  });

  test("dark and light have other colours, and print is light with all tabs", async () => {
    const ground = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await opened("one", { colorScheme: "dark" });
    expect(await ground(dark)).toBe("rgb(20, 23, 27)");
    await dark.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await ground(dark)).toBe("rgb(255, 255, 255)");
    expect(await dark.locator(".code:visible").count()).toBe(5);
    expect(await dark.locator("button:visible").count()).toBe(0);
    expect(await ground(await opened("one"))).toBe("rgb(255, 255, 255)");
  });

  test.each(["one", "runs", "compared", "none"] as const)(
    "%s: nothing wider than a phone, and texts of a readable size",
    async (name) => {
      const page = await opened(name, { viewport: { width: 375, height: 800 }, hasTouch: true });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375);
      const size = await page.evaluate(() => {
        const svg = document.querySelector<SVGSVGElement>("svg.narrow")!;
        return (12 * svg.getBoundingClientRect().width) / svg.viewBox.baseVal.width;
      });
      expect(size).toBeGreaterThan(10);
    },
  );

  test.each(["one", "runs", "compared", "none", "parts"] as const)(
    "%s: axe finds nothing serious, light or dark",
    async (name) => {
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await opened(name, { colorScheme });
        await page.evaluate(axe);
        const found = await page.evaluate(async () => {
          const { violations } = await (
            globalThis as unknown as {
              axe: {
                run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
              };
            }
          ).axe.run();
          return violations
            .filter(({ impact }) => impact === "serious" || impact === "critical")
            .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
        });
        expect(found).toEqual([]);
      }
    },
  );

  test("parts: on a phone what is wide scrolls in its own box", async () => {
    const page = await opened("parts", { viewport: { width: 375, height: 800 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375);
    const boxes = page.locator(".scroll");
    expect(await boxes.count()).toBe(2);
    for (const box of await boxes.all()) {
      expect(await box.evaluate((each) => each.scrollWidth > each.clientWidth)).toBe(true);
    }
    // The image in the picture is loaded: no policy of the page forbids it.
    expect(await page.evaluate(() => document.querySelector("image")!.getBoundingClientRect().width)).toBe(
      20,
    );
  });

  test("without scripts everything can be read", async () => {
    const page = await opened("one", { javaScriptEnabled: false });
    expect(await page.locator(".code:visible").count()).toBe(5);
    expect(await page.locator("svg.wide .symbol").count()).toBe(5);
  });
});
