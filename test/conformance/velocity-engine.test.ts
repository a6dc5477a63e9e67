import { expect } from "vitest";
import { compileVelocity } from "../../src/mapping/velocity/velocity.ts";
import { replay, text, type Vector } from "./vectors.ts";

function engineCase({ input, expected }: Vector): void {
  const template = compileVelocity(text(input["template"]));
  if (!("render" in template)) throw new Error(template.message);
  expect(template.render(new Map())).toBe(expected["text"]);
}

replay("velocity_engine", engineCase);
