/** The parts of the public suite that are used; the package has no types of its own. */
declare module "http-cache-tests/tests/index.mjs" {
  const suites: readonly { readonly tests: readonly import("./public-suite.ts").Test[] }[];
  export default suites;
}
declare module "http-cache-tests/lib/header-fixup.mjs" {
  export function fixupHeader(
    header: readonly [string, string | number, boolean?],
    responseHeaders: Record<string, string>,
    config: import("./public-suite.ts").RequestConfig,
  ): readonly [string, string, boolean?];
}
declare module "http-cache-tests/client/runner.mjs" {
  export function runTests(
    suites: readonly { readonly tests: readonly import("./public-suite.ts").Test[] }[],
    fetch: (url: string, init?: RequestInit) => Promise<Response>,
    browserCache: boolean,
    base: string,
    atOnce: number,
  ): Promise<void>;
  export function getResults(): Record<string, true | [kind: string, message: string]>;
}
