/** How a column's dates are written. */
export interface DateForm {
  /** The order of day, month and year: `2024-12-31`, `31.12.2024`, `12/31/2024`, `31 Dec 2024` or `Dec 31, 2024`. */
  readonly order: "ymd" | "dmy" | "mdy" | "named";
}

/** Year, month from 1, day, and the part of the day from 0 to 1. */
export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly time: number;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const TIME =
  "(?:[T ,]{1,2}(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,]\\d{1,9})?)?(?: ?([AaPp])\\.?[Mm]\\.?)?(?:Z|[+-]\\d{2}:?\\d{2})?)?";
const YMD = new RegExp(`^(\\d{4})[-/.](\\d{1,2})[-/.](\\d{1,2})${TIME}$`);
const NUMERIC = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4}|\\d{2})${TIME}$`);
const DAY_NAMED = new RegExp(`^(\\d{1,2})[ -]([A-Za-z]{3,9})\\.?[ ,-]{1,2}(\\d{4}|\\d{2})${TIME}$`);
const NAMED_DAY = new RegExp(`^([A-Za-z]{3,9})\\.? (\\d{1,2}),? (\\d{4})${TIME}$`);

/** The forms in which all of a column's texts are dates; two where none tells day from month. */
export function dateForms(texts: Iterable<string>): DateForm[] {
  let forms: DateForm[] = [{ order: "ymd" }, { order: "dmy" }, { order: "mdy" }, { order: "named" }];
  for (const text of texts) {
    forms = forms.filter((form) => dateOf(text, form) !== undefined);
    if (forms.length === 0) break;
  }
  return forms;
}

/** The date that a text stands for in a form; undefined for one that is none, `31.2.2024` among them. */
export function dateOf(text: string, { order }: DateForm): CalendarDate | undefined {
  const trimmed = text.trim();
  if (order === "ymd") {
    const found = YMD.exec(trimmed);
    return found ? checked(Number(found[1]), Number(found[2]), Number(found[3]), found.slice(4)) : undefined;
  }
  if (order === "named") return namedDate(trimmed);
  const found = NUMERIC.exec(trimmed);
  if (!found) return undefined;
  const [, first, , second, year] = found.map(Number) as unknown as [number, number, number, number, number];
  const [day, month] = order === "dmy" ? [first, second] : [second, first];
  return checked(fullYear(year), month, day, found.slice(5));
}

function namedDate(text: string): CalendarDate | undefined {
  const dayFirst = DAY_NAMED.exec(text);
  if (dayFirst) {
    const [, day, name, year] = dayFirst;
    return checked(fullYear(Number(year)), monthNamed(name!), Number(day), dayFirst.slice(4));
  }
  const found = NAMED_DAY.exec(text);
  if (!found) return undefined;
  return checked(Number(found[3]), monthNamed(found[1]!), Number(found[2]), found.slice(4));
}

function monthNamed(name: string): number {
  return MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}

/** Two digits as people read them: 69 to 99 are of the last century. */
function fullYear(year: number): number {
  if (year >= 100) return year;
  return year < 69 ? 2000 + year : 1900 + year;
}

function checked(
  year: number,
  month: number,
  day: number,
  clock: readonly (string | undefined)[],
): CalendarDate | undefined {
  const [hours, minutes, seconds, half] = clock;
  if (year < 1000 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined;
  if (hours === undefined) return { year, month, day, time: 0 };
  let hour = Number(hours);
  if (half !== undefined) hour = (hour % 12) + (/p/i.test(half) ? 12 : 0);
  if (hour > 23 || Number(minutes) > 59 || Number(seconds ?? 0) > 60) return undefined;
  return { year, month, day, time: (hour + Number(minutes) / 60 + Number(seconds ?? 0) / 3600) / 24 };
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

/** What a date becomes, by what each part is called behind the column's name. */
export const DATE_PARTS = ["year", "month", "day of week", "day of year", "days", "time of day"] as const;

/** The parts of a date; `days` are counted from 1970. */
export function datePartsOf({
  year,
  month,
  day,
  time,
}: CalendarDate): Readonly<Record<(typeof DATE_PARTS)[number], number>> {
  const days = Date.UTC(year, month - 1, day) / 86_400_000;
  const dayOfYear = days - Date.UTC(year, 0, 1) / 86_400_000 + 1;
  // 1 January 1970 was a Thursday; weeks begin on Monday.
  const dayOfWeek = ((((days + 3) % 7) + 7) % 7) + 1;
  return {
    year,
    month,
    "day of week": dayOfWeek,
    "day of year": dayOfYear,
    days: days + time,
    "time of day": time,
  };
}
