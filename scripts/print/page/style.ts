/** Readable on paper-white and at night, by keyboard, and on a phone, where rows become cards. */
export const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif;
  --line: light-dark(#bbb, #555); --mark: light-dark(#8a3b00, #ffb37a); }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
h1 { margin: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: .5rem; border-top: 1px solid var(--line); }
td { overflow-wrap: anywhere; }
small { display: block; opacity: .8; }
form { display: inline-block; margin: 0 .5rem .25rem 0; }
button { font: inherit; padding: .4rem .8rem; min-height: 2.75rem; cursor: pointer; }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
[data-state=in-doubt] b, [data-state=aborted] b { color: var(--mark); }
.hidden, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }
@media (max-width: 40rem) {
  thead { display: none; }
  tr, th, td { display: block; border: 0; padding: .1rem 0; }
  tr { border-top: 1px solid var(--line); padding: .5rem 0; }
  td[data-label]::before { content: attr(data-label) ": "; font-weight: 600; }
}
`;
