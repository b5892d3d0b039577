import { DataError } from "../errors.js";

/** The decoder. @throws DataError if it is not installed. */
export async function importCanvas(): Promise<typeof import("@napi-rs/canvas")> {
  try {
    return await import("#canvas");
  } catch (error) {
    const expected = "the optional package @napi-rs/canvas, which decodes images";
    const got = (error as Error).message;
    throw new DataError(
      { where: "decodeImage", expected, got, hint: "npm install @napi-rs/canvas" },
      { cause: error },
    );
  }
}
