/**
 * `deno task docs:security`: writes the tables of docs/security.md from the corpus, between the
 * marks that stand there. All else in that file is written by hand.
 *
 * @module
 */
import { ADVISORIES } from "./advisories.ts";
import type { Attack } from "./attack.ts";
import type { Targets } from "./canaries.ts";
import { loadCorpus } from "./corpus.ts";

const PAGE = new URL("../../docs/security.md", import.meta.url);
/** Expectations may name what a run is given; here only their kind counts. */
const ANY_TARGETS = {} as Targets;

/** The page as it must be. */
export async function securityPage(page = Deno.readTextFileSync(PAGE)): Promise<string> {
  const corpus = await loadCorpus();
  const tables = { attacks: attackTable(corpus), advisories: advisoryTable(corpus) };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) throw new RangeError(`docs/security.md holds no mark for ${name}`);
    return text.slice(0, from + start.length) + `\n${table}\n\n` + text.slice(to);
  }, page);
}

function attackTable(corpus: readonly Attack[]): string {
  return table(
    ["attack", "what it does", "ends as", "succeeds with"],
    corpus.map(({ name, what, expect, control, advisory }) => [
      link(name),
      cell(what) + (advisory ? ` (${advisory})` : ""),
      ending(expect),
      cell(control.off),
    ]),
  );
}

function advisoryTable(corpus: readonly Attack[]): string {
  return table(
    ["advisory", "what it let a program do", "attack"],
    ADVISORIES.map(({ id, what, unexpressed }) => {
      const attacks = corpus.filter(({ advisory }) => advisory === id);
      const expressed = attacks.map(({ name }) => link(name)).join(", ");
      return [id, cell(what), expressed || `none: ${cell(unexpressed ?? "")}`];
    }),
  );
}

/** The outcome, and the one word that tells those of a kind apart. */
function ending(expect: Attack["expect"]): string {
  const { outcome, detail = {} } = typeof expect === "function" ? expect(ANY_TARGETS) : expect;
  const { permission, reason, kind, signal, code, name } = detail;
  const word = permission ?? reason ?? kind ?? signal ?? code ?? name;
  return `\`${outcome}\`` + (word === undefined ? "" : ` ${word}`);
}

function link(name: string): string {
  return `[${name}](../tests/hostile/corpus/${name}.ts)`;
}

/** Text that neither ends its cell nor begins a tag. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("__", "\\_\\_");
}

function table(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

if (import.meta.main) Deno.writeTextFileSync(PAGE, await securityPage());
