/** The version of the package; `npm version` is not enough, a test holds it to package.json. */
export const VERSION = "0.1.0";
