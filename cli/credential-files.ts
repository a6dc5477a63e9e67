import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SecretFiles } from "./credentials.ts";
import { Failure } from "./engine/failure.ts";

/** @param root the folder with wrangler.toml */
export function secretFiles(root: string): SecretFiles {
  return {
    async read(name) {
      try {
        return await readFile(join(root, name), "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
    },
    async append(name, text) {
      await appendFile(join(root, name), text, { mode: 0o600 });
    },
  };
}

/** Reads the file of `--policy`. @throws Failure when it is not there, or no JSON */
export async function readPolicyFile(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new Failure(`the policy cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
