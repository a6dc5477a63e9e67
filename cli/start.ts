import type { Server } from "node:http";
import { join, relative } from "node:path";
import type { ImportOptions } from "../src/openapi/import.ts";
import { apiUrl, gatewayUrl } from "./api-url.ts";
import { type Definition, readDefinition } from "./definition.ts";
import { bundle } from "./engine/bundle.ts";
import { type Engine, startEngine } from "./engine/engine.ts";
import { Failure } from "./engine/failure.ts";
import { EXAMPLE_ORIGIN, startExampleOrigin } from "./example-origin.ts";
import { announce, localUrl, managementToken, TOKEN_VARIABLE } from "./local-gateway.ts";
import { problemLines, routeTable } from "./print.ts";
import { push } from "./push.ts";
import { localStore } from "./store.ts";

export interface StartOptions {
  readonly root: string;
  readonly host: string;
  readonly port: number;
  /** Where the configuration and all other state is kept. */
  readonly data: string;
}

export interface Running {
  readonly url: string;
  readonly engine: Engine;
  stop(): Promise<void>;
}

/** The gateway on this machine: built, started, configured from `routes/`. */
export async function start(options: StartOptions, print: (line: string) => void): Promise<Running> {
  const definition = await checkedDefinition(options.root, print);
  const script = await bundle(options.root, join(options.data, "build"));
  const token = await managementToken(options.root, options.data);
  const engine = await startEngine({
    root: options.root,
    bundle: script,
    host: options.host,
    port: options.port,
    data: options.data,
    vars: { ...variables(options.host), [TOKEN_VARIABLE]: token },
    onLog: (level, message) =>
      level === "log" || level === "info" ? print(message) : console.error(message),
  });
  let origin: Server | undefined;
  let withdraw: () => Promise<void>;
  try {
    await push(definition, localStore(engine.config), undefined, new Date());
    origin = await exampleOrigin(definition);
    withdraw = await announce(options.data, localUrl(options.host, engine.port));
  } catch (error) {
    origin?.close();
    await engine.stop();
    throw error;
  }
  const url = gatewayUrl(options.host, engine.port);
  const shown = (path: string): string => relative(process.cwd(), path) || ".";
  print(`Portico serves ${apiUrl(definition.api, options.host, engine.port)}`);
  print("");
  for (const line of routeTable(definition.routes)) print(`  ${line}`);
  print("");
  print(`  config  ${definition.file}, put into the store as KV entries; add one while it runs:`);
  print(
    `          npx wrangler kv key put --binding CONFIG --local --persist-to ${shown(options.data)} KEY VALUE`,
  );
  print(`  data    ${shown(options.data)}`);
  print(`  health  ${url}/_portico/health`);
  if (origin) print(`  example origin on http://${EXAMPLE_ORIGIN.host}:${EXAMPLE_ORIGIN.port}`);
  return {
    url,
    engine,
    stop: async () => {
      await withdraw();
      await stop(engine, url, origin);
    },
  };
}

/** @throws Failure after printing every problem but the first, which the failure carries */
export async function checkedDefinition(
  root: string,
  print: (line: string) => void,
  options: ImportOptions = {},
): Promise<Definition> {
  const definition = await readDefinition(root, options);
  for (const line of problemLines(definition.warnings)) print(`warning: ${line}`);
  const [first, ...others] = problemLines(definition.problems);
  if (first === undefined) return definition;
  throw new Failure(
    others.length === 0 ? first : `${first} (and ${others.length} more: npm run portico -- check)`,
  );
}

/** On the loopback address only its developer sees the answers, who is told why. */
export function variables(host: string): Record<string, string> {
  const loopback = ["127.0.0.1", "localhost", "::1"].includes(host);
  return { CONFIG_REFRESH_SECONDS: "1", SHOW_REASONS: loopback ? "on" : "off" };
}

/** The sample API's origin, while the definition still sends something to it. */
export async function exampleOrigin(definition: Definition): Promise<Server | undefined> {
  const address = `http://${EXAMPLE_ORIGIN.host}:${EXAMPLE_ORIGIN.port}`;
  const used = [...definition.routes.values()].some(
    ({ integration }) => "uri" in integration && integration.uri?.startsWith(`${address}/`) === true,
  );
  return used ? await startExampleOrigin() : undefined;
}

async function stop(engine: Engine, url: string, origin: Server | undefined): Promise<void> {
  // Asking for health prints the log's last lines.
  await fetch(`${url}/_portico/health`, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
  await engine.stop();
  origin?.closeAllConnections();
  origin?.close();
}
