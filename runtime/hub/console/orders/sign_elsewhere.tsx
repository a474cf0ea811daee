import type { Visitor } from "../environment.ts";
import { Field, PostForm } from "../parts/form.tsx";
import { visible } from "../parts/visible.ts";

/** What to do with an order that the hub may not sign. */
export function SignElsewhere({ order, by }: { order: string; by: Visitor }) {
  return (
    <section class="card">
      <p>
        The root names no key of this hub as an orderer, so that the hub alone can order nothing.
        Sign the order where an orderer's key is kept, and hand in what comes out of it.
      </p>
      <h2>1. The file</h2>
      <pre class="command" tabindex={0}>{visible(order)}</pre>
      <PostForm to="/orders/file" by={by} label="The file">
        <input type="hidden" name="order" value={order} />
        <button type="submit" class="second">Save as order.json</button>
      </PostForm>
      <h2>2. The command</h2>
      <pre class="command" tabindex={0}>writ sign order.json --key keys/operator.pem</pre>
      <h2>3. What comes out of it</h2>
      <SignedOrderForm by={by} />
    </section>
  );
}

/** Takes an order that was signed elsewhere. */
function SignedOrderForm({ by }: { by: Visitor }) {
  return (
    <PostForm to="/orders/signed" by={by} label="Signed order">
      <Field label="Text of order.json.signed.json">
        <textarea name="envelope" required />
      </Field>
      <button type="submit">Send the order</button>
    </PostForm>
  );
}
