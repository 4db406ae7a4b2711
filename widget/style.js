// How the panel looks. Sizes are in em of one base, so that a page's own root size and our text size both work.

export const STYLE = `
.panel {
  --ground: light-dark(#f5f8f7, #101716);
  --surface: light-dark(#fff, #1a2322);
  --ink: light-dark(#1b2a28, #e9f0ee);
  --quiet: light-dark(#51625e, #a9b9b4);
  --line: light-dark(#dbe5e2, #2e3b39);
  --edge: light-dark(#758781, #788a85);
  --tint: light-dark(#e4f0ed, #20403b);
  --alarm: light-dark(#a91d1c, #ffaaa2);
  --alarm-tint: light-dark(#fdeeec, #3b1d1b);
  position: fixed; z-index: var(--mesoguide-layer, 2147483000); inset: auto var(--gap) var(--gap) auto; margin: 0; padding: 0;
  width: min(26em, 100vw - 2 * var(--gap)); height: min(45em, 100vh - 2 * var(--gap)); max-width: none; max-height: none;
  overflow: hidden; border: 1px solid var(--line); border-radius: var(--mesoguide-radius, 18px);
  font: calc(16px * var(--size, 1))/1.5 var(--mesoguide-font, system-ui, sans-serif); overflow-wrap: anywhere;
  color: var(--ink); background: var(--ground); box-shadow: 0 8px 40px #0004;
  &:popover-open, &[open] { display: flex; flex-direction: column; }
  &, * { box-sizing: border-box; }
  [hidden] { display: none !important; }
  :focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
  h2, h3, p, ul, ol { margin: 0; font-size: 1em; }
  ul, ol { padding-inline-start: 1.3em; }
  a, button, textarea { font: inherit; color: inherit; }
  button, summary, label { cursor: pointer; }
  svg { width: 1.25em; stroke-linecap: round; }
  .small { font-size: .88em; color: var(--quiet); }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .head, .help, .foot { background: var(--surface); }
  .head { display: flex; align-items: center; padding-block: .5em 0; padding-inline: 1.1em .5em;
    > :first-child { flex: 1; line-height: 1.3; } }
  .round { display: grid; place-items: center; width: 44px; height: 44px; border: 1px solid transparent; border-radius: 50%; background: none; }
  .help { display: flex; flex-wrap: wrap; column-gap: 1.5em; padding-inline: 1.1em; border-bottom: 1px solid var(--line);
    a { display: flex; gap: .4em; align-items: center; min-height: 44px; font-size: .9em; font-weight: 600; text-decoration: none; } }
  .log, .page { flex: 1; min-height: 0; overflow: auto; overscroll-behavior: contain; padding: 1.1em; outline-offset: -3px; }
  .intro > *, .page > *, .card > *, .text > * { margin-bottom: .6em; &:last-child { margin: 0; } }
  .choices { display: flex; flex-wrap: wrap; gap: .5em; align-items: center; margin-top: .6em; }
  .choice { display: inline-flex; align-items: center; gap: .4em; min-height: 44px; padding: .3em 1em; border: 1px solid var(--edge); border-radius: 1.4em;
    line-height: 1.3; text-align: start; text-decoration: none; color: var(--ink); background: var(--surface); }
  .choice:hover, .round:hover { background: var(--tint); }
  .choice[aria-pressed=true], .send { color: var(--on-accent); background: var(--accent) !important; }
  .switch { display: flex; gap: .7em; align-items: center; min-height: 44px; }
  input { flex: none; width: 24px; height: 24px; margin: 0; accent-color: var(--accent); }
  .log { contain: strict; }
  article { margin-top: 1.2em;
    &:not(:nth-last-child(-n + 6)) { content-visibility: auto; contain-intrinsic-size: auto 9em; } }
  h3 { font-size: .85em; color: var(--quiet); }
  time { margin-inline-start: .6em; font-weight: 400; }
  .card { padding: .8em 1em; border: 1px solid var(--line); border-radius: .3em 1.1em 1.1em; background: var(--surface); }
  .user { display: grid; justify-items: end; padding-inline-start: 15%;
    .card { white-space: pre-wrap; border-radius: 1.1em .3em 1.1em 1.1em; background: var(--tint); }
    &[data-wait] .card { border: 1px dashed var(--edge); } }
  .fault, .help > :first-child { color: var(--alarm); }
  .evidence { padding-inline-start: .8em; border-inline-start: 3px solid var(--accent); }
  summary { padding-block: .6em; font-weight: 600; }
  .card details { margin: 0; border-top: 1px solid var(--line); }
  [data-urgency=today] .card, [data-urgency=days] .card { border-color: var(--alarm); }
  [data-urgency=now] { .card { border: 2px solid var(--alarm); background: var(--alarm-tint); }
    .text > :first-child { font-weight: 600; } }
  .call { display: flex; gap: .5em; align-items: center; justify-content: center; min-height: 48px; padding: .5em 1em; margin-top: .5em; border: 1px solid transparent; border-radius: 1em;
    font-weight: 600; text-decoration: none; color: var(--ground); background: var(--alarm); }
  [data-current] .call:first-child { display: none; }
  .over { margin-top: 1.2em; text-align: center; }
  .foot { padding: .7em; border-top: 1px solid var(--line); }
  .composer { display: grid; grid: "call call" auto "text send" auto / 1fr auto; gap: .5em; align-items: end; }
  .composer .call { grid-area: call; margin: 0; }
  textarea { grid-area: text; width: 100%; min-height: 46px; max-height: 7.5em; padding: .6em 1em; border: 1px solid var(--edge); border-radius: 1.4em;
    field-sizing: content; resize: none; background: var(--surface);
    &::placeholder { color: var(--quiet); } }
  .send { grid-area: send; width: 46px; height: 46px; &:disabled { opacity: .5; } }
  .note { display: flex; flex-wrap: wrap; gap: .5em; align-items: center; margin-bottom: .6em; padding: .4em .8em; border-radius: 1em; background: var(--tint);
    p { flex: 1; min-width: 10em; } }
  li { margin-block: .4em; }
  .page { h3 { font-size: 1.1em; color: var(--ink); } ul { padding: 0; } > .choice { margin-inline-end: .5em; } li { display: flex; justify-content: space-between; align-items: center; } }
}
:host([position=left]) .panel { inset-inline: var(--gap) auto; }
@media (max-width: 480px), (max-height: 480px) {
  .panel.panel { inset: var(--top, 0) 0 auto; width: 100%; height: var(--height, 100%); border: 0; border-radius: 0; }
}
@media (max-height: 420px) { .panel { .head p { display: none; } .head, .log, .page, .foot { padding-block: 0; } } }
@media print { .panel { display: none !important; } }`;
