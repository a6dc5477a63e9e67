import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { type Engine, startEngine } from "../cli/engine/engine.ts";
import type { Script } from "./build.ts";
import type { Contestant } from "./case.ts";
import { nextRequests } from "./requests.ts";

/** Entries written side by side: ten thousand one after the other take most of a minute. */
const WRITES_AT_ONCE = 50;

/** So many of a contestant's requests say whether it answers as it should, with a clear error. */
const TRIED_OUT = 100;

/** A contestant on an engine of its own, configured, and known to answer as it should. */
export async function startContestant(
  contestant: Contestant,
  script: Script,
  data: string,
  origin: string,
): Promise<Engine> {
  const complaints: string[] = [];
  const engine = await startEngine({
    root: script.root,
    bundle: script.bundle,
    host: "127.0.0.1",
    port: 0,
    data: join(data, contestant.name),
    vars: { ORIGIN_URL: `${origin}${contestant.originPath ?? "/plain"}`, ...contestant.vars },
    onLog: (level, message) => {
      if (level === "warn" || level === "error") complaints.push(message);
    },
  });
  try {
    await configure(engine, contestant.entries?.(origin) ?? {});
    await tryOut(engine, contestant);
    if ((await countedCalls(engine, contestant)) === 0) throw new Error("its counters have not been called");
  } catch (error) {
    await engine.stop();
    throw new Error([`${contestant.name}: ${error}`, ...complaints].join("\n"), { cause: error });
  }
  return engine;
}

async function configure(engine: Engine, entries: Readonly<Record<string, unknown>>): Promise<void> {
  const left = Object.entries(entries);
  const write = async (): Promise<void> => {
    for (let entry = left.pop(); entry; entry = left.pop()) {
      await engine.config.put(entry[0], JSON.stringify(entry[1]));
    }
  };
  await Promise.all(Array.from({ length: WRITES_AT_ONCE }, write));
}

interface Counters {
  getByName(name: string): { status(): Promise<{ readonly calls: number }> };
}

/** How many calls the contestant's counters have had since they started; none when it names none. */
export async function countedCalls(engine: Engine, { counters }: Contestant): Promise<number | undefined> {
  if (!counters) return undefined;
  const { COUNTERS: namespace } = await engine.bindings<{ readonly COUNTERS: Counters }>();
  const all = await Promise.all(
    counters.map(async (name) => (await namespace.getByName(name).status()).calls),
  );
  return all.reduce((sum, calls) => sum + calls, 0);
}

/** By `node:http`, which leaves a request's own Host header alone. */
async function tryOut(engine: Engine, { opening = [], requests }: Contestant): Promise<void> {
  const first = [...opening, ...nextRequests(requests, 0, TRIED_OUT)];
  for (const { method = "GET", path, headers = {}, body, status = 200 } of first) {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port: engine.port, method, path, headers }, resolve);
      sent.once("error", reject);
      sent.end(body);
    });
    const text = await answer.setEncoding("utf8").reduce((all, part) => all + part, "");
    if (answer.statusCode !== status) {
      throw new Error(`${method} ${path} was answered ${answer.statusCode}, not ${status}: ${text}`);
    }
  }
}
