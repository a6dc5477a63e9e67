import { describe, expect, test } from "vitest";
import { run } from "./support/process.ts";
import { REPOSITORY } from "./support/root.ts";

const simulate = (...args: string[]) => run("node", ["bench/simulation/main.ts", ...args], REPOSITORY);

test("in a quick run Portico keeps its limits, and uses them", async () => {
  const { code, output, errors } = await simulate("--quick");
  expect(errors).toBe("");
  expect(code).toBe(0);
  for (const name of ["near", "worldwide", "faults", "alternatives"]) {
    expect(output).toMatch(new RegExp(`^${name}: `, "m"));
  }
  // What admits too much is seen to do so.
  expect(output).toMatch(/full limit each +1\.9\d\d +2\.0\d\d +19,\d{3} /);
});

test("the same seed gives the same figures, another one gives others", async () => {
  const [first, second, other] = await Promise.all([
    simulate("--quick", "--only", "near"),
    simulate("--quick", "--only", "near", "--seed", "42"),
    simulate("--quick", "--only", "near", "--seed", "43"),
  ]);
  expect(second).toEqual(first);
  expect(other.output).not.toBe(first.output);
});

describe("a command line", () => {
  test.each([
    [["--fast"], "Unknown option '--fast'"],
    [["--only", "nothing"], "--only takes one of near, worldwide,"],
    [["--seed", "1.5"], "--seed takes a whole number, not 1.5"],
    [["near"], "Unexpected argument 'near'"],
  ])("with %j is refused with what is right", async (args, message) => {
    const { code, output, errors } = await simulate(...args);
    expect([code, output]).toEqual([2, ""]);
    expect(errors).toContain(message);
    expect(errors).toContain("npm run simulate -- [--only NAME]");
  });

  test("with --help says what there is", async () => {
    const { code, output } = await simulate("--help");
    expect(code).toBe(0);
    expect(output).toContain("  outage       the counter does not answer");
  });
});
