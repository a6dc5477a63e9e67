import { describe, expect, test } from "vitest";
import * as cli from "../../../cli/credentials.ts";
import { Failure } from "../../../cli/engine/failure.ts";
import type { Store } from "../../../cli/store.ts";
import { secretOpener } from "../../../src/access/iam/secret.ts";
import { CredentialEntry } from "../../../src/config/credential-schema.ts";
import { parseEntry } from "../../../src/config/parse.ts";
import { SEALING_KEY } from "./call.ts";

const createdAt = new Date("2026-04-01T12:00:00Z");

function memoryStore(): Store & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    list: async (prefix) =>
      [...entries.keys()].filter((name) => name.startsWith(prefix)).map((name) => ({ name, pushed: false })),
    get: async (key) => entries.get(key),
    put: async (added) => {
      for (const [key, value] of added) entries.set(key, value);
    },
    remove: async (keys) => {
      for (const key of keys) entries.delete(key);
    },
  };
}

function memoryFiles(
  files: Record<string, string> = {},
): cli.SecretFiles & { readonly files: Record<string, string> } {
  return {
    files,
    read: async (name) => files[name],
    append: async (name, text) => {
      files[name] = (files[name] ?? "") + text;
    },
  };
}

describe("portico credentials", () => {
  test("create: an id and a secret in AWS's form; the store holds the secret sealed only", async () => {
    const store = memoryStore();
    const policy = { Statement: { Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" } };
    const { accessKeyId, secretAccessKey } = await cli.createCredential(store, SEALING_KEY, {
      userName: "ann",
      accountId: "123456789012",
      policy,
      createdAt,
    });
    expect(accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
    const text = store.entries.get(`credentials/${accessKeyId}`) ?? "";
    expect(text).not.toContain(secretAccessKey);
    const parsed = parseEntry("credentials", text, CredentialEntry);
    const entry = parsed.ok ? parsed.value : undefined;
    expect(entry).toMatchObject({ enabled: true, userName: "ann", accountId: "123456789012", policy });
    expect(await secretOpener(SEALING_KEY)(accessKeyId, entry?.secret ?? "")).toBe(secretAccessKey);
  });

  test("create: no two credentials are alike", async () => {
    const store = memoryStore();
    const made = await Promise.all(
      Array.from({ length: 20 }, () => cli.createCredential(store, SEALING_KEY, { createdAt })),
    );
    expect(new Set(made.map(({ accessKeyId }) => accessKeyId)).size).toBe(20);
    expect(new Set(made.map(({ secretAccessKey }) => secretAccessKey)).size).toBe(20);
  });

  test.each<[string, Partial<cli.NewCredential>, string]>([
    ["a bad account", { accountId: "1" }, "12 digits"],
    ["a bad name", { userName: "a b" }, "user's name"],
    ["a policy that is none", { policy: { Statement: [{ Effect: "Maybe" }] } }, "policy"],
    ["a policy that is a text", { policy: "allow" }, "policy"],
  ])("create: %s writes nothing", async (_, wanted, message) => {
    const store = memoryStore();
    await expect(cli.createCredential(store, SEALING_KEY, { ...wanted, createdAt })).rejects.toThrow(message);
    expect(store.entries.size).toBe(0);
  });

  test("create: a bad key is the user's to mend, and is not printed", async () => {
    const thrown: unknown = await cli
      .createCredential(memoryStore(), "secret-key", { createdAt })
      .catch((e: unknown) => e);
    expect(thrown).toBeInstanceOf(Failure);
    expect(String(thrown)).not.toContain("secret-key");
  });

  test("list: who there is, without any secret; a bad entry is listed as such", async () => {
    const store = memoryStore();
    const made = await cli.createCredential(store, SEALING_KEY, { userName: "ann", createdAt });
    store.entries.set("credentials/AKIABAD", "{");
    const listed = await cli.listCredentials(store);
    const lines = cli.credentialTable(listed, createdAt);
    expect(lines).toEqual([
      `${made.accessKeyId}  enabled   000000000000  ann  (no policy)`,
      expect.stringMatching(/^AKIABAD {2}bad {7}credentials\/AKIABAD: the value is not JSON/),
    ]);
    expect(lines.join()).not.toContain("v1.");
  });

  test("disable and enable change that and nothing else", async () => {
    const store = memoryStore();
    const { accessKeyId } = await cli.createCredential(store, SEALING_KEY, { description: "x", createdAt });
    const key = `credentials/${accessKeyId}`;
    const before: unknown = JSON.parse(store.entries.get(key) ?? "");
    await cli.setCredentialEnabled(store, accessKeyId, false);
    expect(JSON.parse(store.entries.get(key) ?? "")).toEqual({ ...Object(before), enabled: false });
    expect(cli.credentialTable(await cli.listCredentials(store), createdAt)[0]).toContain("disabled");
    await cli.setCredentialEnabled(store, accessKeyId, true);
    expect(cli.credentialTable(await cli.listCredentials(store), createdAt)[0]).toContain("enabled");
  });

  test("delete takes it out of the store", async () => {
    const store = memoryStore();
    const { accessKeyId } = await cli.createCredential(store, SEALING_KEY, { createdAt });
    await cli.deleteCredential(store, accessKeyId);
    expect(store.entries.size).toBe(0);
  });

  test.each(["AKIANOBODY", "../apis/default", ""])(
    "an id that names no credential (%j) is the user's mistake",
    async (id) => {
      const store = memoryStore();
      store.entries.set("apis/default", "{}");
      await expect(cli.setCredentialEnabled(store, id, false)).rejects.toBeInstanceOf(Failure);
      await expect(cli.deleteCredential(store, id)).rejects.toBeInstanceOf(Failure);
      expect(store.entries.size).toBe(1);
    },
  );
});

describe("the key that secrets are sealed with", () => {
  test("the environment's comes first", async () => {
    const files = memoryFiles({ ".dev.vars": `CREDENTIALS_KEY=${btoa("x".repeat(32))}\n` });
    expect(await cli.credentialsKey(files, { CREDENTIALS_KEY: SEALING_KEY }, "remote")).toEqual({
      text: SEALING_KEY,
      from: "environment",
    });
  });

  test.each([
    `CREDENTIALS_KEY=${SEALING_KEY}`,
    `CREDENTIALS_KEY="${SEALING_KEY}"\n`,
    `A=1\nexport CREDENTIALS_KEY = '${SEALING_KEY}' # a comment\r\nB=2\n`,
    `CREDENTIALS_KEY=older\nCREDENTIALS_KEY=${SEALING_KEY}\n`,
  ])("then that of .dev.vars: %j", async (content) => {
    const files = memoryFiles({ ".dev.vars": content });
    expect(await cli.credentialsKey(files, {}, "local")).toEqual({ text: SEALING_KEY, from: ".dev.vars" });
    expect(files.files[".dev.vars"]).toBe(content);
  });

  test.each([undefined, "", "A=1", "A=1\n", "# CREDENTIALS_KEY=abc\n"])(
    "else one is made for this machine and kept in .dev.vars, which says %j",
    async (content) => {
      const files = memoryFiles(content === undefined ? {} : { ".dev.vars": content });
      const made = await cli.credentialsKey(files, {}, "local");
      expect(made.from).toBe("created");
      expect(atob(made.text)).toHaveLength(32);
      expect(files.files[".dev.vars"]).toMatch(/(^|\n)CREDENTIALS_KEY="[^"]+"\n$/);
      expect(files.files[".dev.vars"]?.startsWith(content ?? "")).toBe(true);
      expect(await cli.credentialsKey(files, {}, "local")).toEqual({ text: made.text, from: ".dev.vars" });
    },
  );

  test("none is made for a deployed gateway, nor beside an .env that wrangler would stop reading", async () => {
    const files = memoryFiles({ ".env": "A=1\n" });
    await expect(cli.credentialsKey(files, {}, "remote")).rejects.toBeInstanceOf(Failure);
    await expect(cli.credentialsKey(files, {}, "local")).rejects.toBeInstanceOf(Failure);
    expect(Object.keys(files.files)).toEqual([".env"]);
  });
});
