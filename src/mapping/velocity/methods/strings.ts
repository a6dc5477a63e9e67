import { type Item, JavaList } from "../items.ts";
import type { Run } from "../run.ts";
import { textOf } from "../text.ts";
import { formatted } from "./format.ts";
import type { Args, Method, Methods } from "./method.ts";

type Entries = readonly (readonly [string, Method<string>])[];

function made(run: Run, text: string): string {
  run.checkText(text.length);
  run.work(text.length);
  return text;
}

function part(run: Run, text: string, from: number, to: number): string {
  if (from < 0 || to > text.length || from > to) {
    throw run.error("method", `no part from ${from} to ${to} in a text of ${text.length} characters`);
  }
  return text.slice(from, to);
}

function split(run: Run, text: string, args: Args): JavaList {
  const parts = run.pattern(args.text(0)).split(run, text, args.int(1));
  return JavaList.over(parts, "array");
}

/** A character: Velocity hands on Java's `char`, which compares and prints as a text. */
const characterAt = (run: Run, text: string, index: number): string => part(run, text, index, index + 1);

function replace(run: Run, text: string, args: Args): string {
  const [from, to] = [args.text(0), args.text(1)];
  // What it will be is known before it is made: ten megabytes of x, each becoming ten more.
  const times = from === "" ? text.length + 1 : text.split(from).length - 1;
  run.checkText(text.length + times * (to.length - from.length));
  return made(
    run,
    text.replaceAll(from, () => to),
  );
}

function repeat(run: Run, text: string, args: Args): string {
  const times = args.int(0);
  if (times < 0) throw run.error("method", `a text cannot be repeated ${times} times`);
  run.checkText(text.length * times);
  return made(run, text.repeat(times));
}

/** Java's order of texts: by UTF-16 units, the difference of the first that differ. */
function compared(a: string, b: string): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = a.charCodeAt(at) - b.charCodeAt(at);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Java strips what is not above a space. */
function trimmed(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && text.charCodeAt(from) <= 0x20) from += 1;
  while (to > from && text.charCodeAt(to - 1) <= 0x20) to -= 1;
  return text.slice(from, to);
}

const searched = (args: Args): string => {
  const wanted = args.item(0);
  return typeof wanted === "number" ? codePoint(wanted) : args.text(0);
};

const codePoint = (code: number): string => (code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "");

function indexOf(_run: Run, text: string, args: Args): number {
  const wanted = searched(args);
  return wanted === "" && typeof args.item(0) === "number" ? -1 : text.indexOf(wanted, args.int(1));
}

function lastIndexOf(_run: Run, text: string, args: Args): number {
  return text.lastIndexOf(searched(args));
}

function lastIndexFrom(_run: Run, text: string, args: Args): number {
  return args.int(1) < 0 ? -1 : text.lastIndexOf(searched(args), args.int(1));
}

function codeAt(run: Run, text: string, args: Args): number {
  return part(run, text, args.int(0), args.int(0) + 1) === "" ? 0 : (text.codePointAt(args.int(0)) ?? 0);
}

/** Java's `String.hashCode`. */
function hash(_run: Run, text: string): number {
  let code = 0;
  for (let at = 0; at < text.length; at++) code = (Math.imul(31, code) + text.charCodeAt(at)) | 0;
  return code;
}

function regionMatches(text: string, args: Args, from: number, ignoreCase: boolean): boolean {
  const [at, other, otherAt, length] = [
    args.int(from),
    args.text(from + 1),
    args.int(from + 2),
    args.int(from + 3),
  ];
  if (at < 0 || otherAt < 0 || at + length > text.length || otherAt + length > other.length) return false;
  const [mine, its] = [text.slice(at, at + length), other.slice(otherAt, otherAt + length)];
  return ignoreCase ? sameIgnoringCase(mine, its) : mine === its;
}

const sameIgnoringCase = (a: string, b: string): boolean =>
  a.length === b.length && (a === b || a.toUpperCase().toLowerCase() === b.toUpperCase().toLowerCase());

function joined(run: Run, args: Args): string {
  const texts = args.list(1).map((item) => textOf(run, item));
  run.checkText(texts.reduce((length, text) => length + text.length + args.text(0).length, 0));
  return made(run, texts.join(args.text(0)));
}

function format(run: Run, template: string, items: readonly Item[]): string {
  return made(run, formatted(run, template, items));
}

const PARTS: Entries = [
  [
    "substring",
    [
      ["i", (run, text, args) => part(run, text, args.int(0), text.length)],
      ["ii", (run, text, args) => part(run, text, args.int(0), args.int(1))],
    ],
  ],
  ["subSequence", [["ii", (run, text, args) => part(run, text, args.int(0), args.int(1))]]],
  ["charAt", [["i", (run, text, args) => characterAt(run, text, args.int(0))]]],
  ["codePointAt", [["i", codeAt]]],
  ["trim", [["", (run, text) => made(run, trimmed(text))]]],
  ["strip", [["", (run, text) => made(run, text.trim())]]],
  ["stripLeading", [["", (run, text) => made(run, text.trimStart())]]],
  ["stripTrailing", [["", (run, text) => made(run, text.trimEnd())]]],
  [
    "split",
    [
      ["s", split],
      ["si", split],
    ],
  ],
  [
    "toCharArray",
    [
      [
        "",
        (run, text) => {
          run.checkItems(text.length);
          run.workOn(text.length);
          return JavaList.over(text.split(""), "array");
        },
      ],
    ],
  ],
];

const CHANGES: Entries = [
  ["concat", [["s", (run, text, args) => made(run, text + args.text(0))]]],
  ["replace", [["ss", replace]]],
  [
    "replaceAll",
    [["ss", (run, text, args) => run.pattern(args.text(0)).replace(run, text, args.text(1), { all: true })]],
  ],
  [
    "replaceFirst",
    [["ss", (run, text, args) => run.pattern(args.text(0)).replace(run, text, args.text(1), { all: false })]],
  ],
  ["toLowerCase", [["", (run, text) => made(run, text.toLowerCase())]]],
  ["toUpperCase", [["", (run, text) => made(run, text.toUpperCase())]]],
  ["repeat", [["i", repeat]]],
  ["intern", [["", (_run, text) => text]]],
  ["toString", [["", (_run, text) => text]]],
];

const QUESTIONS: Entries = [
  ["length", [["", (_run, text) => text.length]]],
  ["isEmpty", [["", (_run, text) => text === ""]]],
  ["isBlank", [["", (_run, text) => text.trim() === ""]]],
  ["hashCode", [["", hash]]],
  ["contains", [["s", (_run, text, args) => text.includes(args.text(0))]]],
  [
    "startsWith",
    [
      ["s", (_run, text, args) => text.startsWith(args.text(0))],
      [
        "si",
        (_run, text, args) =>
          args.int(1) >= 0 && args.int(1) <= text.length && text.startsWith(args.text(0), args.int(1)),
      ],
    ],
  ],
  ["endsWith", [["s", (_run, text, args) => text.endsWith(args.text(0))]]],
  [
    "indexOf",
    [
      ["s", indexOf],
      ["i", indexOf],
      ["si", indexOf],
      ["ii", indexOf],
    ],
  ],
  [
    "lastIndexOf",
    [
      ["s", lastIndexOf],
      ["i", lastIndexOf],
      ["si", lastIndexFrom],
      ["ii", lastIndexFrom],
    ],
  ],
  ["matches", [["s", (run, text, args) => run.pattern(args.text(0)).matches(run, text)]]],
  ["equals", [["o", (_run, text, args) => text === args.item(0)]]],
  ["contentEquals", [["s", (_run, text, args) => text === args.text(0)]]],
  [
    "equalsIgnoreCase",
    [["s", (_run, text, args) => args.item(0) !== null && sameIgnoringCase(text, args.text(0))]],
  ],
  ["compareTo", [["s", (_run, text, args) => compared(text, args.text(0))]]],
  [
    "compareToIgnoreCase",
    [
      [
        "s",
        (_run, text, args) =>
          compared(text.toUpperCase().toLowerCase(), args.text(0).toUpperCase().toLowerCase()),
      ],
    ],
  ],
  [
    "regionMatches",
    [
      ["isii", (_run, text, args) => regionMatches(text, args, 0, false)],
      ["bisii", (_run, text, args) => regionMatches(text, args, 1, args.item(0) === true)],
    ],
  ],
];

/** Static methods, which an instance reaches. */
const STATIC: Entries = [
  ["valueOf", [["o", (run, _, args) => textOf(run, args.item(0))]]],
  ["join", [["sc", (run, _, args) => joined(run, args)]]],
  ["format", ["s", "so", "soo", "sooo", "soooo", "sooooo"].map(formatOverload)],
];

function formatOverload(signature: string): Method<string>[number] {
  return [
    signature,
    (run, _, args) =>
      format(
        run,
        args.text(0),
        Array.from(signature.slice(1), (_letter, index) => args.item(index + 1)),
      ),
  ];
}

/** java.lang.String's methods. */
export const STRING_METHODS: Methods<string> = new Map([...PARTS, ...CHANGES, ...QUESTIONS, ...STATIC]);
