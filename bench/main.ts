/** `npm run bench`: what the gateway costs beside a bare Worker. See README.md. */
import { rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { buildContestant, buildGateway, type Script } from "./build.ts";
import type { Case, ScriptName } from "./case.ts";
import { cases } from "./cases/index.ts";
import { startContestant } from "./engines.ts";
import { Load } from "./load/load.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { type Origin, startOrigin } from "./origin/origin.ts";
import { type Effort, interleave, type Runner } from "./rounds.ts";
import { measureScript, type ScriptResult } from "./script.ts";
import { type Row, summarise } from "./summary.ts";
import { caseTable, scriptTable } from "./table.ts";

const options = readOptions();
const wanted = cases.filter(({ name }) => options.only === undefined || name === options.only);
const wantsScript = options.only === undefined || options.only === "script";

const folder = await mkdtemp(join(tmpdir(), "portico-bench-"));
process.once("SIGINT", () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(130);
});
const load = new Load();
const origin = await startOrigin();
try {
  const results: Record<string, readonly Row[]> = {};
  const script = wantsScript ? await runScript() : undefined;
  if (wanted.length > 0) {
    const scripts = await buildScripts(wanted);
    for (const bench of wanted) {
      const rows = summarise(await runCase(bench, scripts, origin, options));
      results[bench.name] = rows;
      console.log(`${caseTable(bench.name, rows)}\n`);
    }
  }
  await writeJson(results, script);
} finally {
  load.stop();
  origin.stop();
  await rm(folder, { recursive: true, force: true });
}

function readOptions(): Options {
  try {
    return parseOptions(process.argv.slice(2), [...cases.map(({ name }) => name), "script"]);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(2);
  }
}

async function runScript(): Promise<ScriptResult> {
  const result = await measureScript(
    await buildGateway(join(folder, "no-functions"), undefined, { minify: true }),
  );
  console.log(`${scriptTable(result)}\n`);
  return result;
}

/** Those that the cases name, and no others. */
async function buildScripts(of: readonly Case[]): Promise<ReadonlyMap<ScriptName, Script>> {
  const names = new Set(of.flatMap(({ contestants }) => contestants.map(({ script }) => script)));
  const scripts = new Map<ScriptName, Script>();
  await Promise.all([...names].map(async (name) => scripts.set(name, await buildScript(name))));
  return scripts;
}

function buildScript(name: ScriptName): Promise<Script> {
  if (name === "gateway") return buildGateway(join(folder, name), join(import.meta.dirname, "functions"));
  return buildContestant(join(folder, name), name);
}

async function runCase(
  bench: Case,
  scripts: ReadonlyMap<ScriptName, Script>,
  { url }: Origin,
  effort: Effort,
) {
  const runners: Runner[] = [];
  const data = join(folder, "data", bench.name);
  try {
    for (const contestant of bench.contestants) {
      const script = scripts.get(contestant.script);
      if (!script) throw new Error(`${contestant.name}: its script was not built`);
      const engine = await startContestant(contestant, script, data, url);
      runners.push({ contestant, engine });
    }
    return await interleave(bench, runners, load, effort);
  } finally {
    await Promise.all(runners.map(({ engine }) => engine.stop()));
  }
}

async function writeJson(
  results: Record<string, readonly Row[]>,
  script: ScriptResult | undefined,
): Promise<void> {
  const { only: _, json, ...effort } = options;
  const machine = {
    platform: process.platform,
    arch: process.arch,
    cores: cpus().length,
    model: cpus()[0]?.model,
  };
  await writeFile(
    json,
    `${JSON.stringify({ at: new Date(), machine, effort, script, cases: results }, null, 2)}\n`,
  );
  console.log(`written to ${json}`);
}
