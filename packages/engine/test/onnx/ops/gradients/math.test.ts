import { describe } from "vitest";
import { operatorOf } from "../../operator.js";
import { testTorchCases } from "../../torch.js";

describe("elementary functions", () => {
  testTorchCases("math_functions", (torch) => operatorOf(torch));
});
