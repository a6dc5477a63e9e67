import { describe, inject, test } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    conformance: Record<string, unknown>;
  }
}

/** One case of a vectors file; what `setup`, `input` and `expected` hold differs by file. */
export interface Vector {
  readonly name: string;
  readonly setup: Json;
  readonly input: Json;
  readonly expected: Json;
}

export type Json = Readonly<Record<string, unknown>>;

/** Why a vector cannot hold here. It is replayed all the same and has to differ, so that no reason outlives its cause. */
export type Deviations = Readonly<Record<string, string>>;

/** Cases that are about something that is not there yet: name (or its beginning) to the reason. */
export type Later = Readonly<Record<string, string>>;

/**
 * Replays every case of a file as one test of its name. Without the file, its tests are
 * skipped, and say so.
 */
export function replay(
  file: string,
  run: (vector: Vector) => Promise<void> | void,
  { deviations = {}, later = {} }: { deviations?: Deviations; later?: Later } = {},
): void {
  const cases = casesOf(inject("conformance")[file]);
  describe(`conformance: ${file}`, () => {
    if (!cases) {
      console.warn(`../shared/conformance/${file}.json is not here: its vectors are NOT replayed`);
      test.skip(`all vectors (../shared/conformance/${file}.json is not here)`, () => undefined);
      return;
    }
    for (const vector of cases) {
      const skipped = Object.entries(later).find(([start]) => vector.name.startsWith(start))?.[1];
      const reason = deviations[vector.name];
      if (skipped !== undefined) test.skip(`${vector.name} (${skipped})`, () => undefined);
      else if (reason !== undefined) {
        test(`${vector.name} (differs: ${reason})`, async ({ expect }) => {
          let held = true;
          try {
            await run(vector);
          } catch {
            held = false;
          }
          expect(held, "the vector holds now: take it off the table of deviations").toBe(false);
        });
      } else test(vector.name, () => run(vector));
    }
  });
}

function casesOf(file: unknown): readonly Vector[] | undefined {
  const { cases } = record(file);
  if (!Array.isArray(cases)) return undefined;
  return cases.map((value: unknown) => {
    const { name, setup, input, expected } = record(value);
    return { name: String(name), setup: record(setup), input: record(input), expected: record(expected) };
  });
}

/** A value's members; those of anything that is no object are none. */
export function record(value: unknown): Json {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

export const text = (value: unknown): string => (typeof value === "string" ? value : "");

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Header lines of an input: an object, or a list of pairs when a name stands twice. */
export function headersOf(value: unknown): Headers {
  const headers = new Headers();
  const lines = Array.isArray(value) ? value : Object.entries(record(value));
  for (const [name, line] of lines) headers.append(String(name), String(line));
  return headers;
}

/** A placeholder for what differs from run to run. */
export const isMask = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0 && value.every(isMask)
    : /^(?:<.*>|RESOURCE_ID)$/.test(String(value));
