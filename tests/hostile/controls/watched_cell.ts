import { Cell } from "../../../runtime/sandbox/cell.ts";
import { ProcessWatch } from "../proc.ts";

/** A cell that is looked at once more before it is ended: afterwards there is nothing to see. */
export class WatchedCell extends Cell implements Disposable {
  readonly watch: ProcessWatch = new ProcessWatch(this.pid);

  override kill(): void {
    this.watch.sample();
    super.kill();
  }

  [Symbol.dispose](): void {
    this.watch[Symbol.dispose]();
  }
}
