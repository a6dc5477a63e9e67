import type { Value } from "../../values.ts";
import { sameValue } from "../equality.ts";
import { type Item, JavaList } from "../items.ts";
import type { Run } from "../run.ts";
import { storable, textOf } from "../text.ts";
import { EntrySet } from "./iterators.ts";
import { setMember } from "./members.ts";
import type { Args, Method, Methods } from "./method.ts";

type JavaMap = Map<string, Value>;

function put(run: Run, map: JavaMap, args: Args): Item {
  const key = textOf(run, args.item(0));
  const before = map.get(key) ?? null;
  setMember(run, map, key, storable(run, args.item(1)));
  return before;
}

function putAll(run: Run, map: JavaMap, args: Args): Item {
  for (const [key, value] of args.map(0)) setMember(run, map, key, value);
  return "";
}

function remove(run: Run, map: JavaMap, args: Args): Item {
  const key = textOf(run, args.item(0));
  const before = map.get(key) ?? null;
  map.delete(key);
  return before;
}

function removePair(run: Run, map: JavaMap, args: Args): Item {
  const key = textOf(run, args.item(0));
  const before = map.get(key);
  return before !== undefined && sameValue(run, before, storable(run, args.item(1))) && map.delete(key);
}

function replace(run: Run, map: JavaMap, args: Args): Item {
  return map.has(textOf(run, args.item(0))) ? put(run, map, args) : null;
}

function listed(run: Run, items: Iterable<Value>, size: number, kind: JavaList["kind"]): JavaList {
  run.workOn(size);
  return JavaList.over(items, kind);
}

/** java.util.Map's methods. Keys are compared by their texts. */
export const MAP_METHODS: Methods<JavaMap> = new Map<string, Method<JavaMap>>([
  ["get", [["o", (run, map, args) => map.get(textOf(run, args.item(0))) ?? null]]],
  ["getOrDefault", [["oo", (run, map, args) => map.get(textOf(run, args.item(0))) ?? args.item(1)]]],
  ["put", [["oo", put]]],
  ["putIfAbsent", [["oo", (run, map, args) => map.get(textOf(run, args.item(0))) ?? put(run, map, args)]]],
  ["putAll", [["m", putAll]]],
  [
    "remove",
    [
      ["o", remove],
      ["oo", removePair],
    ],
  ],
  ["replace", [["oo", replace]]],
  ["containsKey", [["o", (run, map, args) => map.has(textOf(run, args.item(0)))]]],
  [
    "containsValue",
    [
      [
        "o",
        (run, map, args) =>
          [...map.values()].some((value) => sameValue(run, value, storable(run, args.item(0)))),
      ],
    ],
  ],
  ["size", [["", (_run, map) => map.size]]],
  ["isEmpty", [["", (_run, map) => map.size === 0]]],
  ["keySet", [["", (run, map) => listed(run, map.keys(), map.size, "set")]]],
  ["values", [["", (run, map) => listed(run, map.values(), map.size, "set")]]],
  ["entrySet", [["", (_run, map) => new EntrySet(map)]]],
  [
    "clear",
    [
      [
        "",
        (_run, map) => {
          map.clear();
          return "";
        },
      ],
    ],
  ],
]);
