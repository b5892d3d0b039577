import { setUpFigure } from "./figures.js";

document.documentElement.classList.add("scripted");
for (const figure of document.querySelectorAll<HTMLElement>("figure.curve")) setUpFigure(figure);
for (const list of document.querySelectorAll<HTMLElement>("[role=tablist]")) setUpTabs(list);
for (const button of document.querySelectorAll<HTMLButtonElement>("button.copy")) setUpCopy(button);
setUpDownloads();

function setUpTabs(list: HTMLElement): void {
  const tabs = Array.from(list.querySelectorAll<HTMLButtonElement>("[role=tab]"));
  const select = (chosen: HTMLButtonElement) => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")!)!.hidden = !isChosen;
    }
  };
  for (const [i, tab] of tabs.entries()) {
    tab.addEventListener("click", () => select(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step === undefined) return;
      const next = tabs[(i + step + tabs.length) % tabs.length]!;
      select(next);
      next.focus();
    });
  }
  select(tabs[0]!);
}

function setUpCopy(button: HTMLButtonElement): void {
  button.addEventListener("click", async () => {
    const code = button.parentElement!.querySelector("code")!;
    try {
      await navigator.clipboard.writeText(code.textContent!);
      button.textContent = "Copied";
    } catch {
      // A page from a disk may not reach the clipboard: selected, it is one key away.
      getSelection()!.selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
  });
}

function setUpDownloads(): void {
  const source = document.querySelector("script.files");
  if (source === null) return;
  const files = JSON.parse(source.textContent!) as Readonly<Record<string, string>>;
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-file]")) {
    button.addEventListener("click", () => {
      const name = button.dataset["file"]!;
      const url = URL.createObjectURL(new Blob([files[name]!]));
      Object.assign(document.createElement("a"), { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
    });
  }
}
