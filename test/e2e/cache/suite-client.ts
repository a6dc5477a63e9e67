/**
 * The public suite's client: `node suite-client.ts GATEWAY ORIGIN ID...` runs tests and
 * prints their results as JSON. One run a process: the suite's modules keep them for good.
 */
import { getResults, runTests, type SuiteInit, type SuiteResponse } from "http-cache-tests/client/runner.mjs";
import suites from "http-cache-tests/tests/index.mjs";
import { ask } from "../support/client.ts";

const [gateway = "", origin = "", ...ids] = process.argv.slice(2);

/** As plain as can be: Node's own has a view of what caches are to be told. */
async function fetch(
  url: string,
  { method = "GET", headers = [], body }: SuiteInit = {},
): Promise<SuiteResponse> {
  const { pathname, search } = new URL(url);
  // How a test is set up, and what came of it, is no concern of the cache.
  const port = Number(new URL(pathname.startsWith("/test/") ? gateway : origin).port);
  const lines: Record<string, string[]> = {};
  for (const [name, value] of headers) lines[name] = [...(lines[name] ?? []), value];
  const answer = await ask(port, pathname + search, { method, headers: lines, ...(body && { body }) });
  const got = new Headers();
  const { rawHeaders } = answer;
  for (let at = 0; at < rawHeaders.length; at += 2)
    got.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  return { status: answer.status, statusText: "", headers: got, text: async () => answer.text };
}

const wanted = suites.map((suite) => ({ ...suite, tests: suite.tests.filter(({ id }) => ids.includes(id)) }));
await runTests(wanted, fetch, false, gateway, 100);
console.log(JSON.stringify(getResults()));
