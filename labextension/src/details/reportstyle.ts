/** The style of a report. It needs nothing from JupyterLab, in which it is not shown. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --good: #388e3c; --soon: #1976d2; --idle: #9e9e9e; --bad: #d32f2f; --line: #8888; --paper: #fff; --ink: #212121;
}
@media (prefers-color-scheme: dark) {
  :root { --good: #81c784; --soon: #64b5f6; --idle: #757575; --bad: #ef5350; --paper: #111; --ink: #e0e0e0; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 14px/1.5 system-ui, sans-serif; }
main { display: flex; flex-direction: column; gap: 24px; max-width: 1100px; margin: 0 auto; padding: 24px; }
h2, h3, p, ul, dl, dd { margin: 0; }
h2 { font-size: 24px; }
h3 { margin-bottom: 8px; font-size: 17px; }
section, main > div { min-width: 0; }
li, p, td { overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, monospace; font-size: 12px; }
pre { margin: 8px 0; padding: 8px; overflow: auto; border: 1px solid var(--line); white-space: pre-wrap; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: start; }
th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; }
summary { cursor: pointer; font-weight: 600; }
.made, .jp-AfLab-small { opacity: 0.75; }
.jp-AfLab-small { display: block; }
.problem, .jp-AfLab-problem, .jp-AfLab-reason { padding-left: 8px; border-left: 4px solid var(--bad); }
.jp-AfLab-title { display: flex; gap: 16px; align-items: baseline; }
.jp-AfLab-head { display: flex; flex-direction: column; gap: 12px; }
.jp-AfLab-facts { display: flex; flex-wrap: wrap; gap: 12px 32px; }
.jp-AfLab-facts dt { opacity: 0.75; }
.jp-AfLab-chart { display: block; width: 100%; height: auto; }
.jp-AfLab-chart text { fill: var(--ink); font-size: 11px; }
.jp-AfLab-mark line { stroke: var(--line); }
.jp-AfLab-layer > path, .jp-AfLab-layer > rect { stroke: var(--ink); stroke-width: 0.75; }
.jp-AfLab-layer[data-layer='connected'] { fill: var(--good); }
.jp-AfLab-layer[data-layer='starting'] { fill: var(--soon); }
.jp-AfLab-layer[data-layer='waiting'] { fill: var(--idle); }
.jp-AfLab-layer[data-layer='stuck'] { fill: var(--bad); }
.jp-AfLab-layer > .jp-AfLab-texture { stroke: none; }
.jp-AfLab-stroke { fill: none; stroke: var(--paper); stroke-width: 1.5; }
.jp-AfLab-legend { display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 8px 0 0 40px; list-style: none; }
.jp-AfLab-legend > li { display: flex; gap: 6px; align-items: center; }
`;
