/**
 * The small language of the connections' search: words and `field:value`, parted by blanks, all of which must fit; `!` in front of one turns
 * it round; quotes hold blanks together; numbers are compared with `>`, `<` and `:`. `app:firefox port:443 !scope:lan rtt>100`
 */

/** What of a connection can be asked for by name. Texts fit where they contain what is asked; lower case. */
export interface Searched {
  readonly texts: Readonly<Record<TextField, string>>;
  readonly numbers: Readonly<Record<NumberField, number | null>>;
}

export const textFields = ['app', 'host', 'address', 'protocol', 'scope', 'country', 'service', 'interface', 'source'] as const;
export type TextField = (typeof textFields)[number];

/** Round-trip time in milliseconds, rates in bytes a second, amounts in bytes. */
export const numberFields = ['port', 'pid', 'rtt', 'retransmits', 'down', 'up', 'rate', 'total'] as const;
export type NumberField = (typeof numberFields)[number];

/** Other words that people use for the same. */
const aliases: Readonly<Record<string, TextField>> = { domain: 'host', site: 'host', ip: 'address', proto: 'protocol' };

/** Why a query cannot be understood: the part of it that is wrong. */
export interface QueryFault {
  readonly fault: 'unknown-field' | 'no-number';
  readonly part: string;
}

export type Matches = (searched: Searched) => boolean;

/** Longest query that is read, in characters, and most of its parts. */
const longestQuery = 1000;
const mostParts = 50;

const prefixes: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** `1.5M` as a number; null where it is none. */
function numberOf(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([kmgt])?$/iu.exec(text);
  return match === null ? null : Number(match[1]) * (prefixes[(match[2] ?? '').toLowerCase()] ?? 1);
}

function isNumberField(name: string): name is NumberField {
  return numberFields.some((field) => field === name);
}

function textFieldOf(name: string): TextField | null {
  return textFields.find((field) => field === name) ?? (Object.hasOwn(aliases, name) ? (aliases[name] ?? null) : null);
}

const compare: Readonly<Record<string, (value: number, asked: number) => boolean>> = {
  '>': (value, asked) => value > asked,
  '<': (value, asked) => value < asked,
  ':': (value, asked) => value === asked,
};

/** One part without its `!`. A word that names no field is looked for everywhere; so is an address, which has colons of its own. */
function partOf(part: string): Matches | QueryFault {
  const match = /^([a-z]+)([:<>])(.*)$/u.exec(part);
  const [, name = '', sign = '', value = ''] = match ?? [];
  if (match === null || part.startsWith('::') || /^[0-9a-f]*:[0-9a-f:]*:/u.test(part)) return anywhere(part);
  if (isNumberField(name)) {
    const asked = numberOf(value);
    const fits = compare[sign];
    if (asked === null || fits === undefined) return { fault: 'no-number', part };
    return ({ numbers }) => {
      const known = numbers[name];
      return known !== null && fits(known, asked);
    };
  }
  const field = textFieldOf(name);
  if (field === null || sign !== ':') return { fault: field === null ? 'unknown-field' : 'no-number', part };
  return ({ texts }) => texts[field].includes(value);
}

function anywhere(word: string): Matches {
  return ({ texts: { app, host, address, service } }) => [app, host, address, service].some((text) => text.includes(word));
}

/** The parts of a query, quotes taken away. */
function partsOf(query: string): readonly string[] {
  const found = query.slice(0, longestQuery).toLowerCase().match(/(?:[^\s"]|"[^"]*"?)+/gu) ?? [];
  return found.slice(0, mostParts).map((part) => part.replaceAll('"', ''));
}

/** Reads a query. An empty one fits everything. */
export function readQuery(query: string): Matches | QueryFault {
  const all: Matches[] = [];
  for (const part of partsOf(query)) {
    const turned = part.startsWith('!') && part.length > 1;
    const read = partOf(turned ? part.slice(1) : part);
    if (typeof read !== 'function') return read;
    all.push(turned ? (searched) => !read(searched) : read);
  }
  return (searched) => all.every((matches) => matches(searched));
}
