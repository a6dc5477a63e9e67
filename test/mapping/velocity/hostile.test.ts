import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TemplateError } from "../../../src/mapping/velocity/template-error.ts";
import { pieces, template } from "../oracle/grammar.ts";
import { errorOf, faultOf, rendered } from "./support.ts";

const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "class",
  "getClass",
  "hasOwnProperty",
  "toString",
  "valueOf",
  "__defineGetter__",
  "then",
];

describe("a template cannot reach what it was not given (R-22)", () => {
  test.each(NAMES)("%s is nothing, as a property, an index and a variable", (name) => {
    const values = `#set($s = "x")#set($n = 1)#set($l = [1])#set($m = {})#set($b = true)`;
    const indexed = ["s", "n", "l", "m", "b", name].map((of) => `$!${of}["${name}"]`).join("|");
    expect(rendered(`${values}${indexed}|$!${name}`)).toMatch(/^\|+$/);
    if (name.startsWith("_")) return;
    const named = ["s", "n", "l", "m", "b", name].map((of) => `$!${of}.${name}`).join("|");
    expect(rendered(values + named)).toMatch(/^\|+$/);
  });

  test("a name that begins with an underscore is no property at all", () => {
    expect(rendered(`#set($m = {"a": 1})$m.__proto__`)).toBe("{a=1}.__proto__");
    expect(faultOf("#set($m.__proto__ = 1)")).toBeDefined();
  });

  test.each(NAMES.filter((name) => /^(?!to|_|value)/.test(name)))("%s() is nothing", (name) => {
    expect(
      rendered(`#set($s = "x")#set($m = {})$s.${name}()$m.${name}()$s.${name}("x")$m.${name}("x")`),
    ).toBe("");
  });

  test.each(NAMES)("%s is a key like any other", (name) => {
    expect(rendered(`#set($m = {})#set($m["${name}"] = "v")$m.get("${name}") $m.size()`)).toBe("v 1");
    expect(rendered(`#set($m = {"${name}": "v"})#foreach($k in $m.keySet())$k#end`)).toBe(name);
    expect(rendered(`#set($${name} = "v")$${name}`)).toBe("v");
    expect(rendered(`#macro(${name} $x)<$x>#end#${name}(1)`)).toBe("<1>");
  });

  test("nothing of it outlives a rendering", () => {
    rendered(
      `#set($m = {})#set($m["__proto__"] = {"polluted": "yes"})#set($m["__proto__"]["polluted"] = "yes")`,
    );
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    expect(rendered("$!polluted")).toBe("");
  });
});

describe("no text stalls the parser (R-21)", () => {
  const whole = (part: string): string => part.repeat(Math.floor((64 * 1024) / part.length));
  test.each([
    ...[
      "$",
      "#",
      "\\",
      "\\#",
      "\\\\#",
      "$\\",
      "#{",
      "$!",
      "${",
      "#*",
      "##",
      "#[[",
      '"',
      "#if(1)",
      "#foreach($x in ",
      "#set(",
    ],
    ...[
      "#set($x=",
      "[",
      "(",
      "$a.b(",
      "$a[0]",
      "#a(1)",
      "#macro(a)",
      "#@a()",
      "$a   ",
      "   \t",
      "#set($x = [$a.b([",
      '"#set($x = "',
    ],
  ])("64 KB of %s", (part) => {
    const source = whole(part);
    for (const one of [source, `#set($x = "${source}`, `#if(${source}`, `$x.y(${source}`]) {
      const fault = faultOf(one);
      if (fault) expect(fault.line).toBeGreaterThan(0);
    }
  });
});

describe("any template", () => {
  test.each([
    ["pieces in any order", pieces],
    ["templates", template(2)],
    ["any text", fc.string({ unit: "binary", maxLength: 60 })],
  ])("%s: rendered, refused, or ended by an error of its own", (_, sources) => {
    fc.assert(
      fc.property(sources, (source) => {
        if (faultOf(source)) return;
        try {
          rendered(source);
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a text without signs is itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (source) => {
        const text = source.replace(/[$#\\]/g, "");
        expect(rendered(text)).toBe(text);
      }),
    );
  });

  test("what is written in a text block is itself", () => {
    fc.assert(
      fc.property(fc.string(), (source) => {
        const text = source.replace(/[\]#]/g, "");
        expect(rendered(`#[[${text}]]#`)).toBe(text);
      }),
    );
  });
});

describe("errors", () => {
  test.each([
    ["an index out of bounds", "#set($l = [1])$l[1]", "method"],
    ["a text's part that is not there", `#set($s = "abc")$s.substring(4)`, "method"],
    ["an iterator that is at its end", "#set($l = [])$l.iterator().next()", "method"],
    ["what is no integer", `#set($i = 0)$i.parseInt("x")`, "method"],
    ["a pattern that is put together and wrong", `#set($s = "a")#set($p = "(")$s.matches($p)`, "pattern"],
    ["a pattern that looks around", `#set($s = "a")#set($p = "(?=a)")$s.matches($p)`, "pattern"],
    ["a template that is put together and wrong", "#set($e = '#if(')#evaluate($e)", "syntax"],
    ["a break out of what is no loop", "#break(1)", "method"],
  ])("%s", (_, source, kind) => {
    expect(errorOf(source)).toBe(kind);
  });

  test.each([
    ["#if(true)", 1, 10],
    ["a\n#end", 2, 1],
    ["a\n\n  #set($x = )", 3, 13],
    ['#set($s = "a")\n$s.matches("(")', 2, 4],
    ["#include('x')", 1, 1],
    ["x #parse('x')", 1, 3],
    ["#macro()#end", 1, 1],
    ['#set($x = "#if(")', 1, 17],
  ])("%s is refused at its line and column", (source, line, column) => {
    expect(faultOf(source)).toMatchObject({ line, column });
  });
});
