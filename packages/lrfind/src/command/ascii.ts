const ASCII: Readonly<Record<string, string>> = {
  "─": "-",
  "━": "=",
  "│": "|",
  "┃": "|",
  "·": ".",
  "•": "*",
  "…": "...",
  "→": "->",
  "▶": ">",
  "▲": "^",
  "◆": "*",
  "▀": "#",
  "×": "x",
  "–": "-",
  "—": "-",
  "’": "'",
  "█": "#",
  "░": "-",
};

/** What a terminal without Unicode can show of a text: lines and corners as ASCII, and what it does not know as "?". */
export function asciiOf(text: string): string {
  return text.replaceAll(/[^\0-\u007f]/gu, (character) => {
    const known = ASCII[character];
    if (known !== undefined) return known;
    // What is left of box drawing are corners and crossings.
    return /[\u2500-\u257f]/.test(character) ? "+" : "?";
  });
}

/** Whether the locale's characters are Unicode's; where nothing is said they are taken to be. */
export function knowsUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"];
  if (locale === undefined || locale === "") return env["TERM"] !== "linux";
  return /utf-?8/i.test(locale);
}
