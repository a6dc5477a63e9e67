import type { Value } from "../../values.ts";
import { sameValue } from "../equality.ts";
import { type Item, JavaList } from "../items.ts";
import type { Run } from "../run.ts";
import { storable } from "../text.ts";
import { JavaIterator } from "./iterators.ts";
import { inBounds } from "./members.ts";
import type { Args, Method, Methods } from "./method.ts";

type List = Value[];

const indexOf = (run: Run, list: List, item: Item): number => {
  const wanted = storable(run, item);
  return list.findIndex((one) => sameValue(run, one, wanted));
};

function add(run: Run, list: List, args: Args): Item {
  list.push(storable(run, args.item(0)));
  run.checkItems(list.length);
  return true;
}

function insert(run: Run, list: List, args: Args): Item {
  const index = inBounds(run, args.int(0), list.length + 1);
  run.workOn(list.length - index);
  run.checkItems(list.length + 1);
  list.splice(index, 0, storable(run, args.item(1)));
  return "";
}

function addAll(run: Run, list: List, items: readonly Value[], index = list.length): Item {
  inBounds(run, index, list.length + 1);
  run.workOn(items.length + list.length - index);
  run.checkItems(list.length + items.length);
  const added = [...items, ...list.slice(index)];
  list.length = index;
  for (const item of added) list.push(item);
  return items.length > 0;
}

function set(run: Run, list: List, args: Args): Item {
  const index = inBounds(run, args.int(0), list.length);
  const before = list[index] ?? null;
  list[index] = storable(run, args.item(1));
  return before;
}

function removeAt(run: Run, list: List, args: Args): Item {
  return takeOut(run, list, inBounds(run, args.int(0), list.length));
}

function takeOut(run: Run, list: List, index: number): Value {
  run.workOn(list.length - index);
  return list.splice(index, 1)[0] ?? null;
}

function removeItem(run: Run, list: List, args: Args): Item {
  const index = indexOf(run, list, args.item(0));
  if (index >= 0) takeOut(run, list, index);
  return index >= 0;
}

function keep(run: Run, list: List, wanted: (item: Value) => boolean): Item {
  const kept = Array.from(list).filter(wanted);
  run.workOn(list.length);
  const changed = kept.length < list.length;
  for (const [index, item] of kept.entries()) list[index] = item;
  list.length = kept.length;
  return changed;
}

function lastIndexOf(run: Run, list: List, args: Args): Item {
  const wanted = storable(run, args.item(0));
  return list.findLastIndex((one) => sameValue(run, one, wanted));
}

function subList(run: Run, list: List, args: Args): Item {
  const from = args.int(0);
  const to = args.int(1);
  if (from < 0 || to > list.length || from > to) {
    throw run.error("method", `no part from ${from} to ${to} in a list of ${list.length}`);
  }
  run.workOn(to - from);
  return JavaList.over(list.slice(from, to));
}

function clear(list: List): Item {
  list.length = 0;
  return "";
}

const contains = (run: Run, list: List, args: Args): Item => indexOf(run, list, args.item(0)) >= 0;

/** What every collection answers. */
const READING: readonly (readonly [string, Method<List>])[] = [
  ["size", [["", (_run, list) => list.length]]],
  // Java has none; API Gateway's guide counts with it.
  ["count", [["", (_run, list) => list.length]]],
  ["isEmpty", [["", (_run, list) => list.length === 0]]],
  ["contains", [["o", contains]]],
  ["containsAll", [["c", (run, list, args) => args.list(0).every((item) => indexOf(run, list, item) >= 0)]]],
  ["iterator", [["", (_run, list) => new JavaIterator(list)]]],
];

/** What those with indexes answer. */
const INDEXED: readonly (readonly [string, Method<List>])[] = [
  ["get", [["i", (run, list, args) => list[inBounds(run, args.int(0), list.length)] ?? null]]],
  ["set", [["io", set]]],
  ["indexOf", [["o", (run, list, args) => indexOf(run, list, args.item(0))]]],
  ["lastIndexOf", [["o", lastIndexOf]]],
  ["subList", [["ii", subList]]],
];

const COPIES: readonly (readonly [string, Method<List>])[] = [
  [
    "toArray",
    [
      [
        "",
        (run, list) => {
          run.workOn(list.length);
          return JavaList.over(list, "array");
        },
      ],
    ],
  ],
];

/** java.util.Set's methods, for reading. */
export const SET_METHODS: Methods<List> = new Map([...READING, ...COPIES]);

/** What Velocity lets an array do: what a list of fixed size does. */
export const ARRAY_METHODS: Methods<List> = new Map([...READING, ...INDEXED, ...COPIES]);

/** java.util.List's methods. */
export const LIST_METHODS: Methods<List> = new Map<string, Method<List>>([
  ...READING,
  ...INDEXED,
  ...COPIES,
  [
    "add",
    [
      ["o", add],
      ["io", insert],
    ],
  ],
  [
    "addAll",
    [
      ["c", (run, list, args) => addAll(run, list, args.list(0))],
      ["ic", (run, list, args) => addAll(run, list, args.list(1), args.int(0))],
    ],
  ],
  [
    "remove",
    [
      ["i", removeAt],
      ["o", removeItem],
    ],
  ],
  [
    "removeAll",
    [
      [
        "c",
        (run, list, args) =>
          keep(run, list, (item) => !args.list(0).some((one) => sameValue(run, one, item))),
      ],
    ],
  ],
  [
    "retainAll",
    [
      [
        "c",
        (run, list, args) => keep(run, list, (item) => args.list(0).some((one) => sameValue(run, one, item))),
      ],
    ],
  ],
  ["clear", [["", (_run, list) => clear(list)]]],
]);
