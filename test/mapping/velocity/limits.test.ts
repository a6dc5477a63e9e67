import { describe, expect, test } from "vitest";
import { TemplateError } from "../../../src/mapping/velocity/template-error.ts";
import { errorOf, faultOf, rendered } from "./support.ts";

const repeated = (part: string, times: number): string => part.repeat(times);
const doubled = (times: number): string => `#set($x = "ab")${repeated('#set($x = "$x$x")', times)}`;

describe("limits of a template", () => {
  test.each([
    ["300 KB", repeated("x", 300 * 1024 + 1), "longer than 307200"],
    [
      "blocks inside each other",
      repeated("#if(true)", 101) + repeated("#end", 101),
      "levels inside each other",
    ],
    [
      "parentheses inside each other",
      `#set($x = ${repeated("(", 101)}1${repeated(")", 101)})`,
      "levels inside",
    ],
    ["brackets inside each other", `#set($x = ${repeated("[", 101)}${repeated("]", 101)})`, "levels inside"],
    ["calls inside each other", `${repeated("$a.b(", 101)}1${repeated(")", 101)}`, "levels inside"],
    ["negations", `#if(${repeated("!", 101)}$x)#end`, "levels inside"],
  ])("%s: refused before it runs", (_, source, message) => {
    expect(faultOf(source)?.message).toContain(message);
  });

  test("what is long but not deep is fine", () => {
    expect(rendered(`#set($x = 0${repeated(" + 1", 20_000)})$x`)).toBe("20000");
    expect(rendered(`#if(false)#end${repeated("#if(true)x#end", 5_000)}`)).toBe(repeated("x", 5_000));
    expect(rendered(`#if(false)${repeated("#elseif(false)", 10_000)}#{else}last#end`)).toBe("last");
    expect(rendered(`[$a${repeated(".b", 50_000)}]`)).toBe("[]");
  });
});

describe("limits of a rendering", () => {
  const loops = repeated("#foreach($i in [1..1000])", 3);
  test.each([
    ["a loop of more than 1,000 iterations", "#foreach($i in [1..1001])#end"],
    ["loops inside loops", `${loops}x${repeated("#end", 3)}`],
    ["a range that is too long", "#set($r = [1..1000000000])"],
    ["a text that doubles", doubled(30)],
    ["output that grows", `${doubled(20)}$x$x$x$x$x$x`],
    ["a text that is repeated", `#set($s = "ab")$s.repeat(2000000000)`],
    ["a text that replaces every character", `${doubled(12)}$x.replace("a", $x).replace("b", $x)`],
    ["a text that replaces every match", `${doubled(12)}$x.replaceAll("a|b", $x)`],
    ["a list that doubles", `#set($l = [1])${repeated("#set($t = $l.addAll($l))", 20)}`],
    ["a list that holds itself", "#set($l = [1])#set($t = $l.add($l))$l"],
    ["a map that holds itself", "#set($m = {})#set($m.m = $m)$m"],
    ["lists that hold each other twice", `#set($l = [1,1])${repeated("#set($l = [$l,$l])", 30)}$l`],
    [
      "lists that are compared",
      `#set($l = [1,1])${repeated("#set($l = [$l,$l])", 30)}#set($m = [1,1])${repeated("#set($m = [$m,$m])", 30)}#if($l == $m)#end`,
    ],
    ["a macro that calls itself", "#macro(a)#a()#end#a()"],
    ["an #evaluate that evaluates itself", "#set($e = '#evaluate($e)')#evaluate($e)"],
    ["an #evaluate of too long a template", `${doubled(18)}#evaluate($x)`],
    ["many evaluations", `${doubled(14)}#foreach($i in [1..1000])#evaluate($x)#end`],
    ["macros' arguments that double", `#macro(a $p)#a("$p$p")#end#a("x")`],
    ["a wide format", `#set($s = "")$s.format("%999999999d", 1)`],
    [
      "a body that is searched again and again",
      `${doubled(22)}#foreach($i in [1..1000])$x.contains("z")#end`,
    ],
    ["a pattern over a long text", `${doubled(22)}$x.replaceAll("(a|b)*c(a|b)*d", "")`],
    [
      "definitions that print each other",
      `${Array.from({ length: 2_000 }, (_, i) => `#define($d${i})$d${i + 1}#end`).join("")}$d0`,
    ],
  ])("%s", (_, source) => {
    expect(errorOf(source)).toBe("limit");
  });

  test("a definition that prints itself prints its name in the end, as Velocity's does", () => {
    expect(rendered("#define($d)a$d#end$d")).toBe("aa$d");
  });

  test("numbers do not grow without end", () => {
    expect(rendered(`#set($n = 9)#foreach($i in [1..100])#set($n = $n * $n)#end$n`).length).toBeLessThan(
      1_300,
    );
  });

  test("1,000 iterations are fine, and names the loop's place when there are more", () => {
    expect(rendered("#foreach($i in [1..1000])x#end").length).toBe(1_000);
    const error = (() => {
      try {
        return rendered("a\n  #foreach($i in [1..1001])#end");
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(TemplateError);
    expect(error).toMatchObject({ kind: "limit", line: 2, column: 3 });
  });
});
