import { describe } from "vitest";
import { operatorOf } from "../../operator.js";
import { testTorchCases } from "../../torch.js";

describe("Einsum", () => {
  testTorchCases("einsum", (torch) => operatorOf(torch));
});
