import type { Command } from "commander";
import { readPolicyFile, secretFiles } from "./credential-files.ts";
import {
  createCredential,
  credentialsKey,
  credentialTable,
  deleteCredential,
  listCredentials,
  setCredentialEnabled,
} from "./credentials.ts";
import { Failure } from "./engine/failure.ts";
import {
  createKey,
  deleteKey,
  keyTable,
  listKeys,
  rotateKey,
  setKeyEnabled,
  setKeyPlans,
  thisWorld,
} from "./keys.ts";
import { readUsage, refuseKeyText, usageDays, usagePlanOf, usageTable } from "./usage.ts";
import { createUsagePlan, deleteUsagePlan, listUsagePlans, usagePlanTable } from "./usage-plans.ts";
import { deployedManagement, localManagement, patientFetch } from "./which-gateway.ts";
import { type StoreFlags, storeOptions, withStore } from "./with-store.ts";

type Print = (line: string) => void;

/** What is said beside the result, so that `KEY=$(portico keys create)` holds the key alone. */
const note: Print = (line) => void process.stderr.write(`${line}\n`);

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `portico keys`, `portico usage-plans`, `portico usage`, `portico credentials`: who may call, and did. */
export function accessCommands(program: Command, root: string, print: Print): void {
  keyCommands(program.command("keys").description("API keys"), root, print);
  planCommands(program.command("usage-plans").description("what API keys are let into"), root, print);
  usageCommand(program.command("usage").description("what a key used of its quota, by day"), root, print);
  credentialCommands(
    program.command("credentials").description("signers of requests (AWS_IAM)"),
    root,
    print,
  );
}

interface KeyFlags extends StoreFlags {
  readonly name?: string;
  readonly owner?: string;
  readonly description?: string;
  readonly plan: readonly string[];
  readonly label: readonly string[];
  readonly expires?: string;
  readonly value?: string;
}

function keyCommands(keys: Command, root: string, print: Print): void {
  storeOptions(keys.command("create"))
    .description("make a key and print it, once: the store keeps its hash")
    .option("--name <name>")
    .option("--owner <owner>")
    .option("--description <text>")
    .option("--plan <name>", "a usage plan; may be repeated", collect, [])
    .option("--label <name=value>", "may be repeated", collect, [])
    .option("--expires <when>", "a date, an instant or a time from now (90d)")
    .option("--value <key>", "a key that exists elsewhere")
    .action(async ({ plan, label, ...flags }: KeyFlags) => {
      const options = { ...flags, plans: plan, labels: label };
      const { key, entry } = await withStore(root, flags, (store) => createKey(store, options, thisWorld()));
      print(`${key}`);
      note(`the key ${entry.id}; it is not shown again`);
      if (plan.length === 0)
        note(`it has no usage plan, so no route takes it: portico keys set-plans ${entry.id} --plan NAME`);
    });
  storeOptions(keys.command("list"))
    .description("print the keys, without their text")
    .option("--plan <name>")
    .option("--owner <owner>")
    .action(async (flags: StoreFlags & { plan?: string; owner?: string }) => {
      const rows = await withStore(root, flags, (store) => listKeys(store, flags, new Date()));
      for (const line of keyTable(rows)) print(line);
    });
  for (const [name, enabled] of [
    ["disable", false],
    ["enable", true],
  ] as const) {
    storeOptions(keys.command(name).argument("<id>")).action(async (id: string, flags: StoreFlags) => {
      await withStore(root, flags, (store) => setKeyEnabled(store, id, enabled));
      print(`the key ${id} is ${name}d, within the gateway's refresh time`);
    });
  }
  storeOptions(keys.command("set-plans").argument("<id>"))
    .description("give a key other usage plans in place of its own")
    .option("--plan <name>", "a usage plan; may be repeated", collect, [])
    .action(async (id: string, { plan, ...flags }: StoreFlags & { plan: readonly string[] }) => {
      const entry = await withStore(root, flags, (store) => setKeyPlans(store, id, plan));
      print(`the key ${id} has ${entry.usagePlans.join(", ")}, within the gateway's refresh time`);
    });
  storeOptions(keys.command("delete").argument("<id>")).action(async (id: string, flags: StoreFlags) => {
    await withStore(root, flags, (store) => deleteKey(store, id));
    print(`the key ${id} is deleted`);
  });
  storeOptions(keys.command("rotate").argument("<id>"))
    .description("make a new key with the settings of an old one, which stops")
    .option("--grace <time>", "how long the old one still works (24h)")
    .option("--expires <when>", "the new one's end; the old one's by default")
    .action(async (id: string, flags: StoreFlags & { grace?: string; expires?: string }) => {
      const { key, entry, old } = await withStore(root, flags, (store) =>
        rotateKey(store, id, flags, thisWorld()),
      );
      print(`${key}`);
      note(`the key ${entry.id}; it is not shown again`);
      note(old.enabled ? `${old.id} works until ${old.expiresAt ?? ""}` : `${old.id} is disabled`);
    });
}

interface PlanFlags extends StoreFlags {
  readonly description?: string;
  readonly stage: readonly string[];
  readonly rate?: string;
  readonly burst?: string;
  readonly quota?: string;
  readonly fail?: string;
  readonly exact?: boolean;
  readonly replace?: boolean;
  readonly force?: boolean;
}

function planCommands(plans: Command, root: string, print: Print): void {
  storeOptions(plans.command("create").argument("<name>"))
    .option("--stage <api:stage>", "what its keys are let into; may be repeated", collect, [])
    .option("--rate <n>", "requests a second of each key; with 0 nothing gets in")
    .option("--burst <n>", "requests at once of each key")
    .option("--quota <n/DAY>", "requests of each key in a DAY, WEEK or MONTH")
    .option("--fail <how>", "while the counter cannot be asked: local (default), open or closed")
    .option("--exact", "ask the counter at every request")
    .option("--description <text>")
    .option("--replace", "in place of a plan of this name, whose keys stay")
    .option("--force", "also with stages that the store does not have")
    .action(async (name: string, { stage, ...flags }: PlanFlags) => {
      const options = { ...flags, stages: stage };
      const { entry, warnings } = await withStore(root, flags, (store) =>
        createUsagePlan(store, name, options),
      );
      for (const warning of warnings) note(`warning: ${warning}`);
      const stages = entry.apiStages.map((covered) => `${covered.api}:${covered.stage}`);
      print(`the usage plan ${name} contains ${stages.join(", ") || "no stage"}`);
    });
  storeOptions(plans.command("list")).action(async (flags: StoreFlags) => {
    for (const line of usagePlanTable(await withStore(root, flags, listUsagePlans))) print(line);
  });
  storeOptions(plans.command("delete").argument("<name>"))
    .option("--force", "also while keys name it")
    .action(async (name: string, flags: StoreFlags & { force?: boolean }) => {
      await withStore(root, flags, (store) => deleteUsagePlan(store, name, flags.force === true));
      print(`the usage plan ${name} is deleted`);
    });
}

interface UsageFlags extends StoreFlags {
  readonly plan?: string;
  readonly from?: string;
  readonly to?: string;
  readonly url?: string;
  readonly json?: boolean;
}

function usageCommand(usage: Command, root: string, print: Print): void {
  storeOptions(usage.argument("<key id>"))
    .option("--plan <name>", "a usage plan; the key's only one by default")
    .option("--from <day>", "the first day (UTC), as 2026-11-01; 30 days by default")
    .option("--to <day>", "the last day; today by default")
    .option("--url <url>", "a deployed gateway, its MANAGEMENT_TOKEN in the variable PORTICO_TOKEN")
    .option("--json", "as API Gateway's GetUsage answers")
    .action(async (key: string, flags: UsageFlags) => {
      refuseKeyText(key);
      const days = usageDays({ from: flags.from, to: flags.to }, new Date());
      const gateway =
        flags.url === undefined ? await localManagement(root, flags) : deployedManagement(flags.url);
      const plan = await planOf(root, key, flags);
      const answer = await readUsage(gateway, { key, plan, ...days }, patientFetch);
      if (flags.json) print(JSON.stringify(answer, null, 2));
      else for (const line of usageTable(answer, key)) print(line);
    });
}

/** A deployed gateway's store is slow to ask: who names the plan need not wait for it. */
async function planOf(root: string, key: string, flags: UsageFlags): Promise<string> {
  if (flags.url === undefined || flags.remote) {
    return withStore(root, flags, (store) => usagePlanOf(store, key, flags.plan));
  }
  if (flags.plan !== undefined) return flags.plan;
  throw new Failure("no plan is named", "write --plan NAME, or --remote to look it up in the deployed store");
}

interface CredentialFlags extends StoreFlags {
  readonly name?: string;
  readonly account?: string;
  readonly policy?: string;
  readonly description?: string;
}

function credentialCommands(credentials: Command, root: string, print: Print): void {
  storeOptions(credentials.command("create"))
    .description("make a credential and print its secret, once: the store keeps it sealed")
    .option("--name <user>")
    .option("--account <12 digits>")
    .option("--policy <file>", "what it may call, a policy document")
    .option("--description <text>")
    .action(async (flags: CredentialFlags) => {
      const policy = flags.policy === undefined ? undefined : await readPolicyFile(flags.policy);
      const store = flags.remote ? "remote" : "local";
      const key = await credentialsKey(secretFiles(root), process.env, store);
      const options = {
        userName: flags.name,
        accountId: flags.account,
        policy,
        description: flags.description,
        createdAt: new Date(),
      };
      const created = await withStore(root, flags, (open) => createCredential(open, key.text, options));
      print(`access key id      ${created.accessKeyId}`);
      print(`secret access key  ${created.secretAccessKey}`);
      print("the secret is not shown again");
      if (key.from === "created") {
        print("CREDENTIALS_KEY was made and put into .dev.vars: restart a gateway that runs already");
      }
      if (policy === undefined)
        print("it has no policy, so only a resource policy lets it in: --policy FILE");
    });
  storeOptions(credentials.command("list")).action(async (flags: StoreFlags) => {
    for (const line of credentialTable(await withStore(root, flags, listCredentials), new Date()))
      print(line);
  });
  for (const [name, enabled] of [
    ["disable", false],
    ["enable", true],
  ] as const) {
    storeOptions(credentials.command(name).argument("<access key id>")).action(
      async (id: string, flags: StoreFlags) => {
        await withStore(root, flags, (store) => setCredentialEnabled(store, id, enabled));
        print(`the credential ${id} is ${name}d, within the gateway's refresh time`);
      },
    );
  }
  storeOptions(credentials.command("delete").argument("<access key id>")).action(
    async (id: string, flags: StoreFlags) => {
      await withStore(root, flags, (store) => deleteCredential(store, id));
      print(`the credential ${id} is deleted`);
    },
  );
}
