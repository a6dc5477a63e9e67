import { describe, expect, test } from "vitest";
import { type ContextTree, TemplateContext } from "../../../src/mapping/template/context.ts";
import {
  compileTemplate,
  TemplateError,
  type TemplateInput,
} from "../../../src/mapping/template/mapping-template.ts";
import features from "../oracle/recorded/features.json";
import generated from "../oracle/recorded/generated.json";
import methods from "../oracle/recorded/methods.json";
import pieces from "../oracle/recorded/pieces.json";
import realistic from "../oracle/recorded/realistic.json";

/** Recorded from Velocity 1.7 itself by test/mapping/oracle/record.ts: null is a template that it refuses. */
interface Recorded {
  readonly template: string;
  readonly expected: string | null;
}

interface Given {
  readonly body: string;
  readonly params: { readonly path: object; readonly querystring: object; readonly header: object };
  readonly context: ContextTree;
  readonly stageVariables: object;
}

describe("what Velocity 1.7 renders", () => {
  const files = { features, methods, pieces, generated };
  for (const [name, { given, cases }] of Object.entries(files)) {
    test(`${name}: ${cases.length} cases`, () => {
      const recorded = cases.map(([template, expected]) => ({
        template: template ?? "",
        expected: expected ?? null,
      }));
      expect(differences(recorded, given, given.prelude)).toEqual([]);
    });
  }

  for (const { name, expected, template, ...given } of realistic.cases) {
    test(name, () => {
      expect(differences([{ template, expected }], given, "")).toEqual([]);
      expect(expected).not.toBeNull();
    });
  }
});

function differences(recorded: readonly Recorded[], given: Given, prelude: string): readonly unknown[] {
  return recorded.flatMap(({ template, expected }) => {
    const rendered = render(prelude + template, given);
    const wanted = expected === null ? null : expected.trimStart();
    return rendered === wanted ? [] : [{ template, wanted, rendered }];
  });
}

function render(template: string, given: Given): string | null {
  const compiled = compileTemplate(template);
  if (!("render" in compiled)) return null;
  try {
    return compiled.render(inputOf(given));
  } catch (error) {
    if (error instanceof TemplateError) return null;
    throw error;
  }
}

function inputOf({ body, params, context, stageVariables }: Given): TemplateInput {
  return {
    body,
    params: () => ({
      path: texts(params.path),
      querystring: texts(params.querystring),
      header: texts(params.header),
    }),
    context: new TemplateContext(() => context),
    stageVariables: texts(stageVariables),
  };
}

const texts = (members: object): Record<string, string> =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, String(value)]));
