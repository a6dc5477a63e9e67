import type { Command } from "commander";
import * as v from "valibot";
import { Failure } from "./engine/failure.ts";
import { ask, refused } from "./management.ts";
import { deployedManagement, localManagement, patientFetch } from "./which-gateway.ts";
import { type StoreFlags, storeOptions } from "./with-store.ts";

const Purged = v.object({ purged: v.number() });

interface PurgeFlags extends StoreFlags {
  readonly api: string;
  readonly stage: string;
  readonly all?: boolean;
  readonly route?: string;
  readonly tag?: string;
  readonly url?: string;
  readonly prefix?: string;
  readonly soft?: boolean;
  readonly gateway?: string;
}

/** `portico cache purge`: what is remembered of responses is forgotten. */
export function cacheCommands(program: Command, root: string, print: (line: string) => void): void {
  const cache = program.command("cache").description("what is remembered of responses");
  storeOptions(cache.command("purge"))
    .description("forget responses, for all machines within a second")
    .option("--api <name>", "whose", "default")
    .option("--stage <name>", "of which stage", "$default")
    .option("--all", "everything of the stage")
    .option("--route <key>", "of a route: 'GET /users/{id}'")
    .option("--tag <tag>", "with this Cache-Tag")
    .option("--url <url>", "of a URL, its query in any order")
    .option("--prefix <url>", "of URLs that begin so")
    .option("--soft", "keep them as stale ones, to be validated or served where the origin fails")
    .option("--gateway <url>", "a deployed gateway, its MANAGEMENT_TOKEN in the variable PORTICO_TOKEN")
    .action(async (flags: PurgeFlags) => {
      const { api, stage, all, route, tag, url, prefix, soft = false } = flags;
      const what = Object.entries({ all, route, tag, url, prefix }).filter(
        ([, value]) => value !== undefined,
      );
      if (what.length !== 1) {
        throw new Failure("say what to forget", "one of --all, --route, --tag, --url and --prefix");
      }
      const gateway =
        flags.gateway === undefined ? await localManagement(root, flags) : deployedManagement(flags.gateway);
      const post = { api, stage, soft, ...Object.fromEntries(what) };
      const { status, body } = await ask(gateway, "/_portico/cache/purge", { post }, patientFetch);
      const answer = v.safeParse(Purged, body);
      if (status !== 200 || !answer.success) throw refused(gateway, status, body);
      const { purged } = answer.output;
      print(`${purged} ${purged === 1 ? "response is" : "responses are"} ${soft ? "stale" : "forgotten"}`);
    });
}
