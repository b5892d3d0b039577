import type { Value } from "./graph.js";
import type { Tensor } from "./tensor.js";

/** Constants up to this many elements are shared when they are equal. */
const SHARED_CONSTANT_SIZE = 64;

/** The constants of a graph. Small equal tensors are one. */
export class Constants {
  readonly #all: Value[] = [];
  readonly #shared = new Map<string, Value>();

  get all(): readonly Value[] {
    return this.#all;
  }

  /** A constant of these contents; `name` makes a new one's name. */
  of(contents: Tensor, name: () => string): Value {
    const isSmall = contents.data.length <= SHARED_CONSTANT_SIZE;
    const key = isSmall ? keyOfTensor(contents) : undefined;
    const known = key === undefined ? undefined : this.#shared.get(key);
    if (known) return known;
    const { dtype, shape } = contents;
    const value: Value = { name: name(), dtype, shape, constant: contents };
    this.#all.push(value);
    if (key !== undefined) this.#shared.set(key, value);
    return value;
  }

  /** A constant that is made once for all who ask for it by the same key. */
  once(key: string, make: () => Value): Value {
    const value = this.#shared.get(key) ?? make();
    this.#shared.set(key, value);
    return value;
  }
}

function keyOfTensor({ dtype, shape, data }: Tensor): string {
  return `${dtype}[${shape}]${Array.from(data as ArrayLike<number>, keyOf)}`;
}

/** Tells 0 from -0, which are equal but not the same constant. */
function keyOf(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
