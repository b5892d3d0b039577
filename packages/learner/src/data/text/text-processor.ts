import type { Tensor } from "@lrfind/engine";
import type { Processor } from "../batch/processor.js";
import {
  boolean,
  type Check,
  type Checks,
  check,
  checkDataOptions,
  names,
  own,
  rowNumbers,
  string,
} from "../checks.js";
import { DataError, describe, integerOption } from "../errors.js";
import {
  PAD_INDEX,
  SPECIAL_TOKENS,
  TOKENIZE,
  type TokenizeOptions,
  tokenizer,
  UNKNOWN_INDEX,
} from "./tokenize.js";

/** How texts become rows of numbers. */
export interface TextFitOptions extends TokenizeOptions {
  /**
   * The most tokens in the vocabulary, special ones among them; the rarest are left out.
   *
   * @default 60_000
   */
  readonly vocabSize?: number;
  /**
   * How often a token must occur in the training part to be in the vocabulary.
   *
   * @default 3
   */
  readonly minFreq?: number;
  /**
   * The number of tokens of every row: longer texts lose their end, shorter ones are padded.
   *
   * @default that of the longest training text, rounded up to a multiple of 8, at most 256
   */
  readonly maxLength?: number;
  /**
   * Pad before the text, so that a recurrent net ends on its last word.
   *
   * @default true
   */
  readonly padFirst?: boolean;
}

/** The checks of how a vocabulary is made. */
export const TEXT_FIT: Checks<TextFitOptions> = {
  ...TOKENIZE,
  vocabSize: own,
  minFreq: own,
  maxLength: own,
  padFirst: boolean,
};
const TEXTS: Check = {
  expected: "texts",
  accepts: (value) => typeof value === "object" && value !== null && Symbol.iterator in value,
};

/** All that a `TextProcessor` needs: plain data. */
export interface TextSpec {
  readonly kind: "text";
  readonly version: 1;
  readonly locale: string;
  readonly caseTokens: boolean;
  readonly maxLength: number;
  readonly padFirst: boolean;
  /** The vocabulary: `SPECIAL_TOKENS`, then the others, the most frequent first. */
  readonly tokens: readonly string[];
  /** The classes. */
  readonly vocab: readonly string[];
}

/**
 * Turns texts into rows of token indices. It is fitted on training texts and is plain data in JSON.
 *
 * @example
 * ```ts
 * const processor = TextProcessor.fit(["free prize", "see you"], { minFreq: 1, vocab: ["ham", "spam"] });
 * processor.processText("see the prize"); // [int32 [1, 8]]
 * ```
 */
export class TextProcessor implements Processor<string> {
  readonly kind = "text";
  readonly spec: TextSpec;
  readonly #tokenize: (text: string) => string[];
  readonly #indices: ReadonlyMap<string, number>;

  private constructor(spec: TextSpec) {
    this.spec = spec;
    this.#tokenize = tokenizer({ locale: spec.locale, caseTokens: spec.caseTokens });
    this.#indices = new Map(spec.tokens.map((token, i) => [token, i]));
  }

  /**
   * Builds the vocabulary from training texts: tokens by decreasing frequency, equally frequent ones by code unit.
   *
   * @param texts - Those of the training part.
   * @param options - See `TextFitOptions`; `vocab` are the classes.
   * @throws DataError if an option is out of its range.
   */
  static fit(
    texts: Iterable<string>,
    options: TextFitOptions & { readonly vocab?: readonly string[] } = {},
  ): TextProcessor {
    checkDataOptions<typeof options>("TextProcessor.fit", options, { ...TEXT_FIT, vocab: names });
    check("TextProcessor.fit", "texts", texts, TEXTS);
    const { locale = "en", caseTokens = true, padFirst = true, vocab = [] } = options;
    const minFreq = integerOption("minFreq", options.minFreq ?? 3, 1);
    const vocabSize = integerOption("vocabSize", options.vocabSize ?? 60_000, SPECIAL_TOKENS.length);
    const tokenize = tokenizer({ locale, caseTokens });
    const counts = new Map<string, number>();
    let longest = 1;
    for (const text of texts) {
      check("TextProcessor.fit", "each text", text, string);
      const tokens = tokenize(text);
      longest = Math.max(longest, tokens.length);
      for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    for (const special of SPECIAL_TOKENS) counts.delete(special);
    const frequent = [...counts].filter(([, count]) => count >= minFreq);
    frequent.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const tokens = [...SPECIAL_TOKENS, ...frequent.map(([token]) => token)].slice(0, vocabSize);
    const maxLength = options.maxLength ?? Math.min(256, Math.ceil(longest / 8) * 8);
    integerOption("maxLength", maxLength, 1);
    return new TextProcessor({
      kind: "text",
      version: 1,
      locale,
      caseTokens,
      maxLength,
      padFirst,
      tokens,
      vocab: [...vocab],
    });
  }

  /**
   * Reads back what `toJSON` gave.
   *
   * @throws DataError if the value is not the JSON of a `TextProcessor`.
   */
  static fromJSON(json: unknown): TextProcessor {
    return new TextProcessor(checkTextSpec(json));
  }

  toJSON(): TextSpec {
    return this.spec;
  }

  /** The index of every token of a text, neither cut nor padded. */
  encode(text: string): number[] {
    check("TextProcessor.encode", "text", text, string);
    return this.#tokenize(text).map((token) => this.#indices.get(token) ?? UNKNOWN_INDEX);
  }

  /** The tokens of some indices, without padding; lower-case, as case is not kept. */
  decode(indices: ArrayLike<number>): string[] {
    check("TextProcessor.decode", "indices", indices, rowNumbers);
    return Array.from(indices)
      .filter((index) => index !== PAD_INDEX)
      .map((index) => this.spec.tokens[index] ?? "xxunk");
  }

  /** The input of some texts: int32 [texts, maxLength]. */
  inputs(texts: readonly string[]): Tensor<"int32"> {
    check("TextProcessor.inputs", "texts", texts, names);
    const { maxLength, padFirst } = this.spec;
    const data = new Int32Array(texts.length * maxLength).fill(PAD_INDEX);
    for (const [row, text] of texts.entries()) {
      const indices = this.encode(text).slice(0, maxLength);
      data.set(indices, row * maxLength + (padFirst ? maxLength - indices.length : 0));
    }
    return { dtype: "int32", shape: [texts.length, maxLength], data };
  }

  /**
   * The inputs of one text, as a batch of one.
   *
   * @throws DataError if it is not a text.
   */
  processText(text: string): readonly Tensor[] {
    if (typeof text !== "string") {
      throw new DataError({ where: "processText", expected: "a text", got: describe(text) });
    }
    return [this.inputs([text])];
  }

  /** Same as `processText`. */
  process(text: string): readonly Tensor[] {
    return this.processText(text);
  }
}

function checkTextSpec(json: unknown): TextSpec {
  const spec = (typeof json === "object" && json !== null ? json : {}) as Partial<TextSpec>;
  const isTexts = (value: unknown) => Array.isArray(value) && value.every((text) => typeof text === "string");
  const checks: readonly (readonly [field: keyof TextSpec, ok: boolean])[] = [
    ["kind", spec.kind === "text"],
    ["version", spec.version === 1],
    ["locale", typeof spec.locale === "string"],
    ["caseTokens", typeof spec.caseTokens === "boolean"],
    ["padFirst", typeof spec.padFirst === "boolean"],
    ["maxLength", Number.isInteger(spec.maxLength) && spec.maxLength! > 0],
    ["tokens", isTexts(spec.tokens) && SPECIAL_TOKENS.every((token, i) => spec.tokens![i] === token)],
    ["vocab", isTexts(spec.vocab)],
  ];
  for (const [field, ok] of checks) {
    if (ok) continue;
    const expected = `the JSON of a TextProcessor, with its ${field}`;
    throw new DataError({
      where: "TextProcessor.fromJSON",
      expected,
      got: `${field} ${describe(spec[field])}`,
    });
  }
  return spec as TextSpec;
}
