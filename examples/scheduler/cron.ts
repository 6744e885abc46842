/** A field of an expression: which values it can have. */
interface Field {
  name: string;
  min: number;
  max: number;
  /** Names of values, from the smallest one. */
  names?: string[];
}

const FIELDS: Field[] = [
  { name: "second", min: 0, max: 59 },
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of the month", min: 1, max: 31 },
  {
    name: "month",
    min: 1,
    max: 12,
    names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" "),
  },
  {
    name: "day of the week", // 7 is Sunday again
    min: 0,
    max: 7,
    names: "sun mon tue wed thu fri sat".split(" "),
  },
];

/** How far to look ahead, in years: 29 February can be missing for eight. */
const HORIZON = 10;

/** Reads a value, which is a number or a name. */
function readValue(text: string, { name, min, max, names }: Field): number {
  const index = names?.indexOf(text.toLowerCase()) ?? -1;
  const value = index >= 0 ? min + index : /^\d+$/.test(text) ? +text : NaN;
  if (value >= min && value <= max) return value;
  throw new RangeError(`a ${name} is from ${min} to ${max}, not ${text}`);
}

/** Reads a value, a range, or all, each with a step if need be; or a list. */
function readField(text: string, field: Field): Set<number> {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [range, step = "1", ...rest] = part.split("/");
    const [first, last = first, ...more] = range === "*"
      ? [String(field.min), String(field.max)]
      : range.split("-");
    if (rest.length + more.length > 0 || !/^[1-9]\d*$/.test(step)) {
      throw new SyntaxError(`cannot read the ${field.name} in ${part}`);
    }
    const end = readValue(last, field);
    for (let n = readValue(first, field); n <= end; n += Number(step)) {
      values.add(n);
    }
  }
  if (values.size === 0) {
    throw new RangeError(`no ${field.name} is in ${text}`);
  }
  return values;
}

/**
 * When something recurs, in the notation of cron: minute, hour, day of the
 * month, month, day of the week; before them, if there are six, the second.
 * If both days are given, either will do, as in cron. Times are UTC, in which no
 * hour is missing and none comes twice.
 */
export class Cron {
  readonly expression: string;
  #seconds: Set<number>;
  #minutes: Set<number>;
  #hours: Set<number>;
  #days: Set<number>;
  #months: Set<number>;
  #weekdays: Set<number>;
  #eitherDay: boolean;

  constructor(expression: string) {
    this.expression = expression;
    const texts = expression.trim().split(/\s+/);
    if (texts.length === 5) texts.unshift("0");
    if (texts.length !== 6) {
      throw new SyntaxError(`five or six fields are needed: ${expression}`);
    }
    const values = texts.map((text, i) => readField(text, FIELDS[i]));
    [this.#seconds, this.#minutes, this.#hours] = values;
    [, , , this.#days, this.#months, this.#weekdays] = values;
    if (this.#weekdays.has(7)) this.#weekdays.add(0);
    this.#eitherDay = !texts[3].startsWith("*") && !texts[5].startsWith("*");
    this.next(0); // throws if it never comes
  }

  #hasDay(date: Date): boolean {
    const day = this.#days.has(date.getUTCDate());
    const weekday = this.#weekdays.has(date.getUTCDay());
    return this.#eitherDay ? day || weekday : day && weekday;
  }

  /** The first time after the given one; both in seconds since 1970. */
  next(after: number): number {
    const date = new Date((Math.floor(after) + 1) * 1000);
    const end = date.getUTCFullYear() + HORIZON;
    while (date.getUTCFullYear() <= end) {
      if (!this.#months.has(date.getUTCMonth() + 1)) {
        date.setUTCMonth(date.getUTCMonth() + 1, 1);
        date.setUTCHours(0, 0, 0);
      } else if (!this.#hasDay(date)) {
        date.setUTCDate(date.getUTCDate() + 1);
        date.setUTCHours(0, 0, 0);
      } else if (!this.#hours.has(date.getUTCHours())) {
        date.setUTCHours(date.getUTCHours() + 1, 0, 0);
      } else if (!this.#minutes.has(date.getUTCMinutes())) {
        date.setUTCMinutes(date.getUTCMinutes() + 1, 0);
      } else if (!this.#seconds.has(date.getUTCSeconds())) {
        date.setUTCSeconds(date.getUTCSeconds() + 1);
      } else return date.getTime() / 1000;
    }
    throw new RangeError(`never comes: ${this.expression}`);
  }
}
