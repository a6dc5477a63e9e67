/** The parts of the public suite that are used; the package has no types of its own. */
declare module "http-cache-tests/tests/index.mjs" {
  export interface SuiteTest {
    readonly id: string;
    readonly kind?: "required" | "optimal" | "check";
    readonly browser_only?: boolean;
  }
  const suites: readonly { readonly tests: readonly SuiteTest[] }[];
  export default suites;
}
declare module "http-cache-tests/client/runner.mjs" {
  export interface SuiteInit {
    readonly method?: string;
    readonly headers?: readonly (readonly [name: string, value: string])[];
    readonly body?: string;
  }
  export interface SuiteResponse {
    readonly status: number;
    readonly statusText: string;
    readonly headers: Headers;
    text(): Promise<string>;
  }
  export function runTests(
    suites: readonly { readonly tests: readonly import("http-cache-tests/tests/index.mjs").SuiteTest[] }[],
    fetch: (url: string, init?: SuiteInit) => Promise<SuiteResponse>,
    browserCache: boolean,
    base: string,
    atOnce: number,
  ): Promise<void>;
  export function getResults(): Record<string, true | [kind: string, message: string]>;
}
