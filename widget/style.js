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
  --alarm: light-dark(#b3201f, #d13a33);
  --alarm-ink: light-dark(#a01c1b, #ffaaa2);
  --alarm-tint: light-dark(#fdeeec, #3b1d1b);
  --care: light-dark(#9a5a00, #efb56e);
  position: fixed; inset: auto var(--gap) var(--gap) auto; margin: 0; padding: 0; border: 1px solid var(--line);
  box-sizing: border-box; width: min(420px, 100vw - 2 * var(--gap)); height: min(720px, 100vh - 2 * var(--gap));
  max-width: none; max-height: none; z-index: var(--mesoguide-layer, 2147483000); overflow: hidden;
  border-radius: var(--mesoguide-radius, 18px); color: var(--ink); background: var(--ground);
  font: calc(16px * var(--size, 1)) / 1.5 var(--mesoguide-font, system-ui, sans-serif);
  box-shadow: 0 2px 6px #0002, 0 16px 48px #0003; overflow-wrap: anywhere; text-align: start;
  &:popover-open, &[open] { display: flex; flex-direction: column; }
  &::backdrop { background: none; }
  * { box-sizing: border-box; }
  [hidden] { display: none !important; }
  :focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
  h2, h3, p, ul, ol { margin: 0; font-size: 1em; font-weight: 600; }
  p, ul, ol { font-weight: inherit; }
  ul, ol { padding-inline-start: 1.3em; }
  a { color: inherit; text-underline-offset: .2em; }
  button, textarea, input, summary { font: inherit; color: inherit; }
  button, summary { cursor: pointer; }
  svg { width: 1.2em; height: 1.2em; flex: none; fill: none; stroke: currentColor; stroke-width: 2;
    stroke-linecap: round; stroke-linejoin: round; vertical-align: -.25em; }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

  header { display: flex; align-items: center; gap: .25em; padding: .6em .5em .3em 1.1em; background: var(--surface);
    h2 { line-height: 1.25; outline-offset: 4px; }
    div { flex: 1; min-width: 0; }
    p { font-size: .84em; line-height: 1.35; color: var(--quiet); } }
  .round { display: grid; place-items: center; width: 44px; height: 44px; padding: 0; border: 0; border-radius: 50%;
    background: none; list-style: none;
    &::-webkit-details-marker { display: none; }
    &:hover { background: var(--tint); } }
  .menu { position: relative;
    div { position: absolute; z-index: 2; inset-inline-end: 0; width: 15em; max-width: 80vw; padding: .4em;
      max-height: 60vh; overflow: auto; border: 1px solid var(--line); border-radius: .9em; background: var(--surface);
      box-shadow: 0 8px 32px #0003; }
    button { display: block; width: 100%; min-height: 44px; padding: .4em .8em; border: 0; border-radius: .6em;
      text-align: start; background: none; &:hover { background: var(--tint); } } }
  .help { display: flex; flex-wrap: wrap; gap: .4em 1.2em; padding: 0 1.1em; background: var(--surface);
    border-bottom: 1px solid var(--line);
    a { display: flex; gap: .45em; align-items: center; min-height: 44px; font-size: .92em; font-weight: 600;
      text-decoration: none; &:first-child { color: var(--alarm-ink); } &:hover { text-decoration: underline; } } }

  .log, .page { flex: 1; min-height: 0; overflow: auto; overscroll-behavior: contain; padding: 1.1em;
    scroll-padding: 1em; outline-offset: -3px !important; }
  .intro { font-size: .95em;
    .hello { font-size: 1.06em; }
    p + p { margin-top: .6em; }
    .small { font-size: .92em; color: var(--quiet); } }
  .switch { display: flex; gap: .7em; align-items: center; min-height: 44px; margin-block: .5em; font-size: .95em; cursor: pointer;
    input { appearance: none; flex: none; width: 44px; height: 26px; margin: 0; border: 2px solid var(--edge);
      border-radius: 13px; background: var(--surface); cursor: pointer;
      &::before { content: ""; display: block; width: 16px; height: 16px; margin: 3px; border-radius: 50%; background: var(--edge); }
      &:checked { border-color: var(--accent); background: var(--accent); }
      &:checked::before { margin-inline-start: 21px; background: var(--on-accent); } } }
  .choices { display: flex; flex-wrap: wrap; gap: .5em; margin-top: .6em; align-items: center;
    p { width: 100%; font-size: .88em; color: var(--quiet); } }
  .choice { display: inline-flex; gap: .45em; align-items: center; min-height: 44px; padding: .35em 1em; max-width: 100%;
    border: 1px solid var(--edge); border-radius: 1.4em; font-size: .95em; line-height: 1.3; text-align: start;
    text-decoration: none; color: var(--ink); background: var(--surface);
    &:hover { background: var(--tint); } }

  article { margin-top: 1.3em;
    .who { margin-bottom: .25em; font-size: .82em; color: var(--quiet);
      time { font-weight: 400; margin-inline-start: .4em; } }
    .card { padding: .8em 1em; border-radius: .3em 1.1em 1.1em 1.1em; border: 1px solid var(--line); background: var(--surface);
      > * + * { margin-top: .7em; } }
    .text > * + * { margin-top: .6em; }
    .evidence, .next { font-size: .94em; }
    .evidence { padding-inline-start: .8em; border-inline-start: 3px solid var(--accent); }
    .reviewed { font-size: .84em; color: var(--quiet); }
    details { font-size: .94em; border-top: 1px solid var(--line); > * + * { margin-top: .5em; } }
    summary { display: list-item; list-style-position: inside; padding: .55em 0; min-height: 44px; font-weight: 600; }
    details + details { margin-top: 0; }
    li + li { margin-top: .4em; }
    &.user { margin-inline-start: 12%; .who { text-align: end; }
      .card { width: fit-content; margin-inline-start: auto; white-space: pre-wrap; border: 0; border-radius: 1.1em .3em 1.1em 1.1em;
        background: var(--tint); }
      &[data-wait] .card { outline: 1px dashed var(--edge); }
      .fault { margin-top: .3em; font-size: .88em; text-align: end; color: var(--alarm-ink); } }
    &.staff .card { border-inline-start: 4px solid var(--care); }
    &[data-urgency=today] .card, &[data-urgency=days] .card { border-inline-start: 4px solid var(--care); }
    &[data-urgency=now] .card { border: 2px solid var(--alarm); background: var(--alarm-tint);
      .text > :first-child { font-size: 1.1em; font-weight: 600; } }
    &[data-current] .call:first-child { display: none; } }
  .call { display: flex; gap: .6em; align-items: center; justify-content: center; min-height: 48px; padding: .5em 1em;
    border-radius: .8em; font-weight: 650; text-decoration: none; color: #fff; background: var(--alarm);
    & + & { margin-top: .5em; }
    &:hover { text-decoration: underline; } }
  .rate { display: flex; flex-wrap: wrap; gap: .4em; align-items: center; margin-top: .5em; font-size: .88em; color: var(--quiet);
    .thumb { min-width: 44px; min-height: 44px; padding: 0 .9em; border: 1px solid var(--edge); border-radius: 1.4em;
      background: none; color: var(--ink); &[aria-pressed=true] { background: var(--accent); color: var(--on-accent); border-color: var(--accent); } }
    .comment { width: 100%; > * + * { margin-top: .4em; } } }
  .over { margin-block: 1.4em; text-align: center; font-size: .88em; color: var(--quiet); }
  textarea { width: 100%; padding: .6em .9em; border: 1px solid var(--edge); border-radius: .9em; resize: none;
    color: var(--ink); background: var(--surface); field-sizing: content; min-height: 46px; max-height: 7.5em; overflow: auto;
    &::placeholder { color: var(--quiet); opacity: 1; } }
  .typing { width: fit-content; margin-top: 1.3em; font-size: .88em; color: var(--quiet);
    i { display: inline-block; width: .45em; height: .45em; margin-inline-end: .25em; border-radius: 50%; background: var(--accent);
      animation: beat 1.2s infinite; & + i { animation-delay: .2s; } & + i + i { animation-delay: .4s; } } }
  .newest { position: absolute; inset: auto 0 100% 0; margin: 0 auto .6em; width: fit-content; box-shadow: 0 2px 10px #0003; }

  footer { position: relative; padding: .7em; border-top: 1px solid var(--line); background: var(--surface); }
  form.composer { display: grid; grid-template: "call call" "text send" / 1fr auto; gap: .5em; align-items: end;
    textarea { grid-area: text; }
    .call { grid-area: call; }
    .send { grid-area: send; width: 46px; height: 46px; border-radius: 50%; color: var(--on-accent); background: var(--accent);
      &:disabled { opacity: .55; cursor: default; } } }
  .note { display: flex; flex-wrap: wrap; gap: .4em .8em; align-items: center; margin-bottom: .6em; padding: .5em .8em; font-size: .9em;
    border-radius: .8em; background: var(--tint); p { flex: 1; min-width: 12em; } }
  .left { padding: .3em .4em 0; font-size: .84em; color: var(--quiet); }
  .page { h3 { font-size: 1.1em; } > * + * { margin-top: .8em; }
    li { display: flex; gap: .6em; align-items: center; justify-content: space-between; padding-block: .3em;
      border-bottom: 1px solid var(--line); }
    ul { padding: 0; } }
}
:host([position=left]) .panel { inset-inline: var(--gap) auto; }
@keyframes beat { 30% { opacity: .25; } }
@media (max-width: 480px), (max-height: 480px) {
  .panel.panel { inset: var(--top, 0) 0 auto; width: 100%; height: var(--height, 100dvh); border: 0; border-radius: 0; }
}
@media (max-height: 420px) {
  .panel { header p, .left { display: none; } header { padding-block: 0; } .log, .page { padding-block: .4em; } footer { padding-block: .4em; } }
}
@media (prefers-reduced-motion: reduce) { .panel i { animation: none !important; } }
@media (forced-colors: active) {
  .panel { .call, .send, .thumb[aria-pressed=true] { border: 2px solid; } .switch input:checked { background: Highlight; } .typing i { background: CanvasText; } }
}
@media print { .panel { display: none !important; } }`;
