import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DateForm, dateForms, dateOf, datePartsOf } from "../../../src/train/columns/date-form.js";

describe("five ways to write a date", () => {
  test.each([
    ["2024-12-31", "ymd"],
    ["2024/12/31", "ymd"],
    ["2024-12-31T23:59:59Z", "ymd"],
    ["2024-12-31 23:59:59.123+02:00", "ymd"],
    ["31.12.2024", "dmy"],
    ["31/12/2024", "dmy"],
    ["31-12-24", "dmy"],
    ["12/31/2024", "mdy"],
    ["12/31/2024 11:59 PM", "mdy"],
    ["31 Dec 2024", "named"],
    ["31-Dec-24", "named"],
    ["December 31, 2024", "named"],
    ["Dec 31 2024", "named"],
  ] as const)("%s is %s", (text, order) => {
    expect(dateForms([text])).toEqual([{ order }]);
    expect(dateOf(text, { order })).toMatchObject({ year: 2024, month: 12, day: 31 });
  });
});

test.each([
  "2024-02-30",
  "31.04.2024",
  "13/13/2024",
  "2024-13-01",
  "0000-01-01",
  "1.2",
  "12",
  "May 2024",
  "Foo 3, 2024",
  "",
])("%j is none", (text) => expect(dateForms([text])).toEqual([]));

test("days and months that nothing tells apart stay open", () => {
  expect(dateForms(["03/04/2020", "01/02/2021"]).map(({ order }) => order)).toEqual(["dmy", "mdy"]);
  expect(dateForms(["03/04/2020", "25/02/2021"])).toEqual([{ order: "dmy" }]);
});

test("the time of day, by 24 hours and by halves", () => {
  const timeOf = (text: string) => dateOf(text, { order: "ymd" })!.time;
  expect(timeOf("2024-01-01 06:00")).toBe(0.25);
  expect(timeOf("2024-01-01 6:00 PM")).toBe(0.75);
  expect(timeOf("2024-01-01 12:00 AM")).toBe(0);
  expect(dateOf("2024-01-01 25:00", { order: "ymd" })).toBeUndefined();
});

test("parts are those of the calendar, for every day (JavaScript's own as the reference)", () => {
  fc.assert(
    fc.property(fc.integer({ min: -100_000, max: 60_000 }), (days) => {
      const date = new Date(days * 86_400_000);
      const form: DateForm = { order: "ymd" };
      const parts = datePartsOf(dateOf(date.toISOString().slice(0, 10).replace(/^\+00/, ""), form)!);
      expect(parts.days).toBe(days);
      expect(parts["day of week"]).toBe(((date.getUTCDay() + 6) % 7) + 1);
      expect([parts.year, parts.month]).toEqual([date.getUTCFullYear(), date.getUTCMonth() + 1]);
      expect(parts["day of year"]).toBe(
        1 + Math.round((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000),
      );
    }),
  );
});
