import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Figures } from "./figures.ts";
import type { Result, Study } from "./study.ts";
import { markdownTable } from "./table.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const FOLDER = join(DOCS, "throttling");
const PAGE = join(DOCS, "throttling.md");

/** Writes a study's figures and its plot, and its table into the page, where the page has a place for it. */
export async function document(study: Study, results: readonly Result[], seed: number): Promise<void> {
  const { name, about, plot } = study;
  await mkdir(FOLDER, { recursive: true });
  const rows = results.map(({ of, figures }) => ({ ...of.labels, ...rounded(figures) }));
  await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify({ about, seed, rows }, null, 2)}\n`);
  if (plot) await writeFile(join(FOLDER, `${name}.svg`), plot(results));
  await writeFile(PAGE, filledIn(await readFile(PAGE, "utf8"), name, markdownTable(results)));
}

/** The page with what stands between `<!-- NAME -->` and `<!-- /NAME -->` replaced. */
function filledIn(page: string, name: string, content: string): string {
  const [opening, closing] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = page.indexOf(opening);
  const to = page.indexOf(closing);
  if (from < 0 || to < from) return page;
  return `${page.slice(0, from + opening.length)}\n\n${content}\n\n${page.slice(to)}`;
}

/** Small files that differ only where figures do. */
function rounded(figures: Figures): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(4))]));
}
