import { describe, expect, test } from "vitest";
import { TemplateContext } from "../../../src/mapping/template/context.ts";
import {
  compileTemplate,
  TemplateError,
  type TemplateInput,
} from "../../../src/mapping/template/mapping-template.ts";

const NONE: TemplateInput = {
  body: "",
  params: () => ({ path: {}, querystring: {}, header: {} }),
  context: new TemplateContext(() => ({})),
  stageVariables: {},
};

function rendered(source: string, input: Partial<TemplateInput> = {}): string {
  const template = compileTemplate(source);
  if (!("render" in template)) throw new Error(template.message);
  return template.render({ ...NONE, ...input });
}

function errorOf(source: string, input: Partial<TemplateInput> = {}): unknown {
  try {
    return rendered(source, input);
  } catch (error) {
    return error instanceof TemplateError ? error.kind : error;
  }
}

describe("$input", () => {
  test.each([
    ["$input.body", "", "{}"],
    ["$input.body", "not json", "not json"],
    ["$input.json('$')", "", "{}"],
    ["$input.json('$.a')", '{"a":"x"}', '"x"'],
    ["$input.json('$.a')", '{"a":{"b":[1,2.0,null,true]}}', '{"b":[1,2.0,null,true]}'],
    ["$input.json('$.b')", '{"a":1}', '""'],
    ["$input.json('$')", "not json", '"not json"'],
    ["$input.json('$.a')", "not json", '""'],
    ["$input.json('$.a')", '{"a":null}', "null"],
    ["$input.path('$.a')", '{"a":12345678901234567890}', "12345678901234567890"],
    ["$input.path('$.a')", '{"a":1.0}', "1.0"],
    ["$input.path('$.b').c.d", '{"a":1}', ""],
    ["$input.path('$')", "not json", "not json"],
    ["$input.path('$.a')", "not json", ""],
    ["$input.path('$.list[1:]')", '{"list":[1,2,3]}', "[2,3]"],
    ["#set($p = '$.a')$input.path($p)", '{"a":"x"}', "x"],
    ["$input.path('$..x')", '{"a":{"x":1},"b":{"x":2}}', "[1,2]"],
    ["#set($r = $input.path('$'))#set($r.new = 1)$input.json('$')", '{"a":1}', '{"a":1,"new":1}'],
    ["$input.nothing $input.nothing() $input.json()$input.path('$', 1)|$input|", "{}", "||"],
  ])("%s of %j", (source, body, expected) => {
    expect(rendered(source, { body })).toBe(expected);
  });

  test("a path that is wrong is refused with the template, or ends the rendering when it is put together", () => {
    expect(compileTemplate("\n$input.json('$[')")).toMatchObject({ line: 2, column: 8 });
    expect(errorOf("#set($p = '$[')$input.path($p)")).toBe("path");
  });

  test("parameters are asked for once, and only when they are used", () => {
    let asked = 0;
    const params = () => {
      asked += 1;
      return { path: { id: "1" }, querystring: { id: "2", q: "3" }, header: { q: "4", h: "5" } };
    };
    rendered("$input.body $context.x", { params });
    expect(asked).toBe(0);
    const source = "$input.params('id')$input.params('q')$input.params('h')|$input.params('none')|";
    expect(rendered(source, { params })).toBe("135||");
    expect(asked).toBe(1);
    expect(rendered("$input.params()", { params })).toBe(
      "{path={id=1}, querystring={id=2, q=3}, header={q=4, h=5}}",
    );
  });

  test("a header is found whatever its case; of a path and a query the case counts", () => {
    const params = () => ({ path: { Id: "1" }, querystring: { Q: "2" }, header: { "x-api-name": "3" } });
    const source = "$input.params('X-Api-Name')|$input.params('id')|$input.params('q')|";
    expect(rendered(source, { params })).toBe("3|||");
  });

  test("a payload that is no JSON is a text, which only $ finds", () => {
    const body = "a=1&b=x";
    expect(
      rendered("$input.path('$')|$input.json('$')|$input.path('$.a')|$input.json('$.a')", { body }),
    ).toBe('a=1&b=x|"a=1&b=x"||""');
    expect(rendered("#foreach($t in $input.path('$').split('&'))[$t]#end", { body })).toBe("[a=1][b=x]");
  });

  test("a parameter named like what every object has is only there when it was sent", () => {
    expect(
      rendered("[$input.params('__proto__')$input.params('constructor')$stageVariables.toString.x]"),
    ).toBe("[]");
    const sent = { path: {}, querystring: Object.fromEntries([["__proto__", "x"]]), header: {} };
    expect(
      rendered("$input.params('__proto__') $input.params().querystring.size()", { params: () => sent }),
    ).toBe("x 1");
  });
});

describe("$util", () => {
  test.each([
    [`escapeJavaScript("a'b/c\u0041")`, "a\\'b\\/cA"],
    [`escapeJavaScript($body)`, `\\"q\\" \\\\ \\n\\t\\u00E9\\u2028`],
    [`urlEncode("a b&c=d/é~*-._(")`, "a+b%26c%3Dd%2F%C3%A9%7E*-._%28"],
    [`urlDecode("a%20b+c%C3%A9%F0%9F%98%80")`, "a b cé😀"],
    [`base64Encode("é😀")`, "w6nwn5iA"],
    [`base64Decode("w6nwn5iA")`, "é😀"],
    [`base64Decode("Pz8_Pj4-")`, "???>>>"],
    [`parseJson('{"a":[1]}').a[0]`, "1"],
    [`parseJson("no")`, ""],
    [`urlEncode($none)`, ""],
    ["none('x')", ""],
    ["urlEncode()", ""],
    ["urlEncode('a','b')", ""],
  ])("%s", (call, expected) => {
    expect(rendered(`#set($body = $input.body)$util.${call}`, { body: '"q" \\ \n\té\u2028' })).toBe(expected);
  });

  test.each([
    ["base64Decode('***')", "method"],
    ["base64Decode('/w==')", "binary"],
    ["urlDecode('%zz')", "method"],
  ])("%s ends the rendering", (call, kind) => {
    expect(errorOf(`$util.${call}`)).toBe(kind);
  });
});

describe("$context", () => {
  const tree = {
    requestId: "r",
    identity: { sourceIp: "192.0.2.1", user: null },
    authorizer: { claims: { sub: "s" } },
  };

  test("is asked for once, when a template names it", () => {
    let asked = 0;
    const context = new TemplateContext(() => {
      asked += 1;
      return tree;
    });
    rendered("$input.body", { context });
    expect(asked).toBe(0);
    expect(
      rendered("$context.requestId $context.identity.sourceIp [$context.identity.user]", { context }),
    ).toBe("r 192.0.2.1 []");
    rendered("$context.requestId", { context });
    expect(asked).toBe(1);
  });

  test("its maps print as nothing, and have an authorizer that is not among the keys without one", () => {
    const source = "[$context|$context.identity|$context.authorizer.claims|$context.authorizer.claims.sub]";
    expect(rendered(source, { context: new TemplateContext(() => tree) })).toBe("[|||s]");
    const keys = "$context.authorizer.keySet() $context.keySet()";
    expect(rendered(keys, { context: new TemplateContext(() => ({ stage: "s" })) })).toBe(
      "[] [stage, requestOverride, responseOverride]",
    );
  });

  test("overrides of the request, in every way of setting them", () => {
    const context = new TemplateContext(() => ({}));
    rendered(
      `#set($context.requestOverride.header.a = "1")#set($context.requestOverride.header["b"] = 2)
       #set($n = "c")#set($context.requestOverride.header[$n] = ["x", "y"])
       #set($context["requestOverride"].querystring["q"] = "5")$context.requestOverride.path.put("p", true)
       #set($context.requestOverride.header["__proto__"] = "z")`,
      { context },
    );
    expect(context.requestOverride).toEqual({
      header: new Map<string, unknown>([
        ["a", "1"],
        ["b", "2"],
        ["c", ["x", "y"]],
        ["__proto__", "z"],
      ]),
      querystring: new Map([["q", "5"]]),
      path: new Map([["p", "true"]]),
    });
    expect(context.responseOverride).toBeUndefined();
    expect(rendered("$context.requestOverride.header.a", { context })).toBe("1");
  });

  test.each([
    ["400", 400],
    ["'404'", 404],
    ["99", undefined],
    ["600", undefined],
    ["'4xx'", undefined],
    ["200.5", undefined],
  ])("responseOverride.status = %s", (written, status) => {
    const context = new TemplateContext(() => ({}));
    rendered(
      `#set($context.responseOverride.status = ${written})#set($context.responseOverride.header.X-A = "b")`,
      {
        context,
      },
    );
    expect(context.responseOverride).toEqual({ status, header: new Map([["X-A", "b"]]) });
  });

  test("nothing is overridden by a template that only looks", () => {
    const context = new TemplateContext(() => ({}));
    expect(context.requestOverride).toBeUndefined();
    rendered("$context.requestOverride.header.a $context.responseOverride.status", { context });
    expect(context.requestOverride).toBeUndefined();
    expect(context.responseOverride).toBeUndefined();
  });
});

describe("a mapping template", () => {
  test("is trimmed at its start", () => {
    expect(rendered("\n  #set($x = 1)\n  {}\n")).toBe("{}\n");
  });

  test("keeps nothing from one rendering to the next", () => {
    const template = compileTemplate("$!x#set($x = 1)$!m#evaluate('#macro(m)x#end')$input.body");
    if (!("render" in template)) throw new Error(template.message);
    expect(template.render({ ...NONE, body: "1" })).toBe("1");
    expect(template.render({ ...NONE, body: "2" })).toBe("2");
  });

  test("cannot make its globals something else for another one", () => {
    expect(rendered("#set($util.x = 1)#set($input.body = 2)$!util.x $input.body", { body: "b" })).toBe("b");
    expect(rendered("#set($stageVariables.x = 1)$stageVariables.x")).toBe("1");
    expect(rendered("[$stageVariables.x]")).toBe("[]");
  });

  test("an error names its place", () => {
    expect(() => rendered("a\n  $input.path('$.l')[5]", { body: '{"l":[1]}' })).toThrow(
      expect.objectContaining({ kind: "method", line: 2, column: 21 }),
    );
  });
});

describe("R-19 what a rendering costs, whatever the body", () => {
  const list = (length: number) => Array.from({ length }, (_, id) => ({ id }));

  test.each([
    ["filters", `#foreach($i in $input.path('$.items'))#set($f = $input.path("$.all[?(@.id==$i.id)]"))#end`],
    ["scans", "#foreach($i in $input.path('$.items'))#set($f = $input.path('$..id'))#end"],
    ["copies", "#foreach($i in $input.path('$.items'))#set($f = $input.json('$'))#end"],
  ])("all %s of a rendering together are limited", (_, source) => {
    const body = JSON.stringify({ items: list(900), all: list(15_000) });
    expect(errorOf(source, { body })).toBe("limit");
    const few = JSON.stringify({ items: list(9), all: list(1_000) });
    expect(errorOf(source, { body: few })).toBe("");
  });

  test("JSON that a template parses is limited in all its values together", () => {
    const body = JSON.stringify({ text: `[${"{},".repeat(10_000)}0]` });
    const source = (times: number) =>
      `#set($all = [])#foreach($i in [1..${times}])#set($x = $all.add($util.parseJson($input.path('$.text'))))#end`;
    expect(errorOf(source(10), { body })).toBe("");
    expect(errorOf(source(100), { body })).toBe("limit");
  });

  test("a body of more than 250,000 values is no JSON", () => {
    expect(rendered("$input.json('$[0]')", { body: `[${"{},".repeat(250_000)}0]` })).toBe('""');
  });

  test("the largest body can be searched and passed on as a whole", () => {
    const body = `[${`{"id":"${"x".repeat(30)}"},`.repeat(120_000)}0]`;
    expect(rendered("$input.path('$..id').size() $input.json('$').length()", { body })).toBe(
      `120000 ${body.length}`,
    );
  });

  test("digits cost more than other characters", () => {
    const body = `[${"9".repeat(2_000)}]`;
    const source =
      "#set($n = $input.path('$[0]'))#foreach($i in [1..900])#foreach($j in [1..900])#set($t = \"$n\")#end#end";
    expect(errorOf(source, { body })).toBe("limit");
  });
});
