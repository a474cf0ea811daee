import type { Manifest } from "../../../core/documents/manifest.ts";
import type { PolicyInForce } from "../../../core/policy_in_force.ts";
import { explain, type ExplainedRule, type Explanation } from "../../../policy/mod.ts";
import { visible } from "../parts/visible.ts";
import { Named, Said } from "../parts/said.tsx";

/** What a script may touch, in words: what it was granted, and beside it what it asks for. */
export function PermissionSection(
  { manifest, policy }: { manifest: Manifest; policy: PolicyInForce | undefined },
) {
  const script = `${manifest.publisher}/${manifest.name}` as const;
  const grant = policy?.grants.get(script);
  return (
    <section class="card">
      {manifest.description !== undefined && (
        <p>
          <Said text={manifest.description} most={500} />
        </p>
      )}
      <h2>What it may touch</h2>
      {grant && policy
        ? <Granted explanation={explain(grant, policy)} />
        : <p class="empty">The accept-list grants it nothing: no agent runs it.</p>}
      {manifest.requests.length > 0 && <Asked manifest={manifest} />}
    </section>
  );
}

function Granted({ explanation }: { explanation: Explanation }) {
  const { summary, permissions, capabilities, serve, orders, accepted, denied } = explanation;
  const rules = [...permissions, ...capabilities, ...serve];
  return (
    <>
      <p class={summary.startsWith("UNSAFE") ? "unsafe" : undefined}>{visible(summary)}</p>
      {rules.length > 0 && <ul>{rules.map((rule) => <Rule rule={rule} />)}</ul>}
      <dl>
        <dt>Ordered by</dt>
        <dd>{visible(orders.map(({ words }) => words).join("; "))}</dd>
        <dt>Accepted</dt>
        <dd>
          <Named text={accepted.join("; ") || "nothing of it"} />
        </dd>
        {denied.length > 0 && (
          <>
            <dt>Denied</dt>
            <dd class="unsafe">{visible(denied.join("; "))}</dd>
          </>
        )}
      </dl>
    </>
  );
}

function Rule({ rule: { words, unsafe } }: { rule: ExplainedRule }) {
  return unsafe ? <li class="unsafe">UNSAFE: {visible(words)}</li> : <li>{visible(words)}</li>;
}

function Asked({ manifest: { requests } }: { manifest: Manifest }) {
  return (
    <details>
      <summary>What its publisher asks for, and why</summary>
      <ul>
        {requests.map(({ permission, value, reason }) => (
          <li>
            <code>{visible(`${permission} ${value ?? ""}`)}</code>:{" "}
            <Said text={reason} most={500} />
          </li>
        ))}
      </ul>
    </details>
  );
}
