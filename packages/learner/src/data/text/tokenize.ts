import { boolean, type Checks, checkDataOptions } from "../checks.js";
/** The tokens that stand for no word; their indices in every vocabulary are 0, 1, 2, …, in this order. */
export const SPECIAL_TOKENS = ["xxunk", "xxpad", "xxbos", "xxmaj", "xxup"] as const;

/** The index of `xxunk`: a word that is not in the vocabulary. */
export const UNKNOWN_INDEX = 0;

/** The index of `xxpad`: what fills a text up to the common length. */
export const PAD_INDEX = 1;

/** How a text becomes tokens; plain data, saved with a model. */
export interface TokenizeOptions {
  /**
   * The language whose rules part words: a BCP 47 tag. Never the machine's own, as a model would then see other
   * words elsewhere.
   *
   * @default "en"
   */
  readonly locale?: string;
  /**
   * Put `xxmaj` before a word that began with a capital and `xxup` before one that was all capitals.
   *
   * @default true
   */
  readonly caseTokens?: boolean;
}

/** The checks of how texts fall into tokens. */
export const TOKENIZE: Checks<TokenizeOptions> = {
  locale: {
    expected: "a BCP 47 language tag",
    accepts: (value) => {
      try {
        return typeof value === "string" && Intl.getCanonicalLocales(value).length === 1;
      } catch {
        return false;
      }
    },
    hint: () => '"en"',
  },
  caseTokens: boolean,
};

/**
 * Makes a function that parts texts into lower-case tokens: `xxbos`, then words, numbers and punctuation marks;
 * white space is dropped. A text that spells a special token gets `xxunk` there.
 *
 * Words are those of the Unicode text segmentation rules as ICU implements them in every JavaScript engine
 * (`Intl.Segmenter`), with dictionaries for languages that do not write spaces. Those dictionaries differ a
 * little between ICU versions; the rules for all other languages hardly ever change.
 *
 * @param options - See `TokenizeOptions`.
 * @throws RangeError if the locale is not a BCP 47 tag.
 *
 * @example
 * ```ts
 * tokenizer()("Don't PANIC, Arthur!"); // ["xxbos", "xxmaj", "don't", "xxup", "panic", ",", "xxmaj", "arthur", "!"]
 * ```
 *
 * Source: Unicode Standard Annex 29, "Unicode Text Segmentation", section 4; the special tokens are fastai's.
 */
export function tokenizer(options: TokenizeOptions = {}): (text: string) => string[] {
  checkDataOptions("tokenizer", options, TOKENIZE);
  const { locale = "en", caseTokens = true } = options;
  const segmenter = new Intl.Segmenter(locale, { granularity: "word" });
  const specials: ReadonlySet<string> = new Set(SPECIAL_TOKENS);
  return (text) => {
    const tokens = ["xxbos"];
    for (const { segment } of segmenter.segment(text.normalize("NFC"))) {
      const word = segment.trim();
      if (word === "") continue;
      const lower = word.toLowerCase();
      const isUpper = word !== lower && word === word.toUpperCase();
      if (caseTokens && isUpper && /\p{Lu}.*\p{Lu}/u.test(word)) tokens.push("xxup");
      else if (caseTokens && /^\p{Lu}\p{Ll}/u.test(word)) tokens.push("xxmaj");
      tokens.push(specials.has(lower) ? "xxunk" : lower);
    }
    return tokens;
  };
}
