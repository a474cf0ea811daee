import assert from "node:assert/strict";
import type { Cell } from "../../runtime/sandbox/cell.ts";
import { CellPool } from "../../runtime/sandbox/pool.ts";
import type { SpawnVector } from "../../runtime/sandbox/spawn_vector.ts";

/** A pool of cells that are no processes, and for which grant each was started. */
function pool(size: number) {
  const started: string[] = [];
  const killed: string[] = [];
  const made: { ended: boolean }[] = [];
  const spawn = ({ key }: SpawnVector) => {
    started.push(key);
    const cell = { ended: false, settled: Promise.resolve(), kill: () => killed.push(key) };
    made.push(cell);
    return cell as unknown as Cell;
  };
  return { pool: new CellPool(size, spawn), started, killed, made };
}

const vector = (key: string) => ({ key }) as SpawnVector;

Deno.test("CellPool.refill() starts a cell for each grant, and none once the pool is closed", async () => {
  const { pool: cells, started } = pool(1);
  cells.take(vector("a"));
  cells.refill();
  assert.deepEqual(started, ["a", "a"]);
  cells.close();
  cells.refill();
  await cells.fill(vector("a"));
  assert.deepEqual(started, ["a", "a"]);
});

Deno.test("CellPool keeps cells for the four grants that were used last, and ends all others", async () => {
  const { pool: cells, started, killed } = pool(1);
  for (const key of ["a", "b", "c", "d"]) await cells.fill(vector(key));
  assert.deepEqual([started, killed], [["a", "b", "c", "d"], []]);
  await cells.fill(vector("e"));
  assert.deepEqual(killed, ["a"]);
});

Deno.test("CellPool.take() gives a cell that waits, unless that has ended", async () => {
  const { pool: cells, started, made } = pool(1);
  await cells.fill(vector("a"));
  assert.equal(cells.take(vector("a")), made[0]);
  await cells.fill(vector("a"));
  made[1]!.ended = true;
  assert.equal(cells.take(vector("a")), made[2]);
  assert.equal(started.length, 3);
});
