import { compileJsonPath, type JsonPath, JsonPathLimit } from "../json-path/json-path.ts";
import { ValueLimit } from "../values.ts";
import type { Item } from "../velocity/items.ts";
import type { Run } from "../velocity/run.ts";
import { TemplateError, type TemplateFault } from "../velocity/template-error.ts";
import { compileVelocity, type VelocityTemplate } from "../velocity/velocity.ts";
import type { TemplateContext } from "./context.ts";
import { Input, type TemplateParams } from "./input.ts";
import { Util } from "./util.ts";

export { TemplateError, type TemplateFault };

/** What a mapping template is rendered with. */
export interface TemplateInput {
  /** The payload as text; "" when there is none. */
  readonly body: string;
  /** Asked for at most once a rendering, only when the template uses `$input.params`. */
  readonly params: () => TemplateParams;
  /** One a request, shared by its request and response templates. */
  readonly context: TemplateContext;
  readonly stageVariables: Readonly<Record<string, string>>;
}

/** A mapping template, compiled; it holds nothing of a request. */
export interface MappingTemplate {
  /** @throws TemplateError */
  render(input: TemplateInput): string;
}

/** Reads a mapping template, once, with its constant JSONPaths and regular expressions. */
export function compileTemplate(source: string): MappingTemplate | TemplateFault {
  const paths = new Map<string, JsonPath>();
  const template = compileVelocity(source, (root, name, argument) => {
    if (root !== "input" || (name !== "path" && name !== "json") || paths.has(argument)) return undefined;
    const path = compileJsonPath(argument);
    if ("fault" in path) return `$input.${name}: ${path.fault}`;
    paths.set(argument, path);
    return undefined;
  });
  return "render" in template ? new CompiledTemplate(template, paths) : template;
}

const UTIL = new Util();

class CompiledTemplate implements MappingTemplate {
  readonly #template: VelocityTemplate;
  readonly #paths: ReadonlyMap<string, JsonPath>;

  constructor(template: VelocityTemplate, paths: ReadonlyMap<string, JsonPath>) {
    this.#template = template;
    this.#paths = paths;
  }

  render({ body, params, context, stageVariables }: TemplateInput): string {
    const path = (run: Run, text: string): JsonPath => this.#paths.get(text) ?? pathOf(run, text);
    const variables = new Map<string, Item | (() => Item)>([
      ["input", new Input(body, params, path)],
      ["util", UTIL],
      ["context", () => context.root],
      ["stageVariables", () => new Map(Object.entries(stageVariables))],
    ]);
    try {
      return this.#template.render(variables).trimStart();
    } catch (error) {
      if (error instanceof JsonPathLimit || error instanceof ValueLimit)
        throw new TemplateError("limit", error.message);
      throw error;
    }
  }
}

/** Work for each character of a path with a regular expression. */
const PATTERN = 32 * 1024;

/** A path that a template puts together. */
function pathOf(run: Run, text: string): JsonPath {
  // A pattern in it is followed through all texts before it may run.
  run.work(text.length * (text.includes("=~") ? PATTERN : 256));
  const path = compileJsonPath(text);
  if ("fault" in path) throw run.error("path", path.fault);
  return path;
}
