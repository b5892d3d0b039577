/** The page's style sheet: light and dark by the reader's setting, one column on a phone, plain in print. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--quiet:#57606a;--grid:#e4e7eb;--axis:#8c959f;--raw:#7c8896;--trim:#b3bac3;--ground:#f0f2f4;--band:#a8c6ec;--accent:#0b5cad;--card:#f6f8fa;--line:#d0d7de;--good:#1a7f37;--fair:#7d4e00;--poor:#b3261e}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e9edf1;--quiet:#a3adb8;--grid:#2a3037;--axis:#6d7784;--raw:#8b97a5;--trim:#59636f;--ground:#1b2026;--band:#2f4f78;--accent:#7cb8f7;--card:#1c2127;--line:#3a434d;--good:#6fd08c;--fair:#e3b341;--poor:#ff938a}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:940px;margin:0 auto;padding:28px 20px 64px}
h1{font-size:1.35rem;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:1.1rem;margin:36px 0 8px}
h3{font-size:.95rem;margin:14px 0 4px}
p{margin:6px 0}
.note,figcaption,.interval{color:var(--quiet)}
figcaption,.note{font-size:.9rem}
.answers{display:grid;gap:14px;grid-template-columns:repeat(auto-fit,minmax(280px,1fr))}
.answer{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 20px;margin-top:14px}
.answer .what{color:var(--quiet);margin:0}
.answer .rate{font-size:2.6rem;font-weight:650;line-height:1.15;margin:0;font-variant-numeric:tabular-nums;letter-spacing:-.02em}
.trust strong{font-weight:600}
.trust.good strong{color:var(--good)}.trust.fair strong{color:var(--fair)}.trust.poor strong{color:var(--poor)}
figure{margin:8px 0}
figure svg{display:block;width:100%;height:auto;touch-action:pan-y;overflow:visible}
figure svg.narrow{display:none}
@media (max-width:600px){figure svg.narrow{display:block}figure svg.wide{display:none}main{padding:18px 14px 48px}.answer .rate{font-size:2.1rem}}
.curve svg text{fill:var(--ink)}
.curve .grid{stroke:var(--grid)}.curve .tick,.curve .domain{stroke:var(--axis)}
.curve path.smoothed[stroke="#1b1f24"],.curve .key path.smoothed,path.smoothed[stroke="#1b1f24"]{stroke:var(--ink)}
.curve circle[fill="#1b1f24"]{fill:var(--ink)}
.curve .raw{stroke:var(--raw)}.curve .raw-dots{fill:var(--raw)}.curve .trimmed{stroke:var(--trim)}.curve .trim{fill:var(--ground)}.curve .band{fill:var(--band)}
.curve .symbol,.curve .dot{stroke:var(--paper)}
.picture .scroll svg{width:auto;max-width:100%}
@media (max-width:600px){.picture .scroll svg{max-width:none}}
.picture .ground{fill:var(--paper)}
.picture text[fill="#1b1f24"]:not(.count){fill:var(--ink)}.picture text[fill="#57606a"]{fill:var(--quiet)}.picture [stroke="#1b1f24"]{stroke:var(--ink)}.picture circle[fill="#1b1f24"]{fill:var(--ink)}
.picture .grid{stroke:var(--grid)}.picture .tick,.picture .domain{stroke:var(--axis)}.picture [stroke="#7c8896"]{stroke:var(--raw)}
.picture .wrong text[fill="#B34A00"]{fill:var(--poor)}
.reading{min-height:1.5em;margin:2px 0;font-variant-numeric:tabular-nums;font-size:.92rem}
.cross{stroke:var(--quiet);stroke-dasharray:2,3;pointer-events:none}
.spot{fill:var(--paper);stroke:var(--ink);stroke-width:2;pointer-events:none}
.marker{cursor:ew-resize}
.marker line{stroke:var(--accent);stroke-width:2}
.marker .grip{fill:var(--accent)}
.marker .grab{fill:transparent}
.marker text{fill:var(--accent);font-weight:600;font-size:12px}
.marker:focus{outline:none}
.marker:focus-visible .grip{stroke:var(--ink);stroke-width:3}
.why .stretch{fill:var(--accent);fill-opacity:.13}
.why .end{stroke:var(--accent);stroke-width:1}
.why .level{stroke:var(--accent);stroke-dasharray:6,3}
.why circle{fill:none;stroke:var(--accent);stroke-width:2}
.curve .why text{fill:var(--accent);font-size:12px}
.why .way{stroke:var(--accent);stroke-width:1.5;marker-end:none}
.flag circle{fill:var(--poor)}
.curve .flag text{fill:var(--paper);font-size:11px;font-weight:700;text-anchor:middle}
.remarks{list-style:none;counter-reset:remark;margin:8px 0;padding:0}
.remarks li{counter-increment:remark;position:relative;padding:6px 0 6px 32px}
.remarks li::before{content:counter(remark);position:absolute;left:0;top:8px;width:20px;height:20px;border-radius:50%;background:var(--poor);color:var(--paper);font:700 12px/20px system-ui,sans-serif;text-align:center}
.suggesters{list-style:none;margin:8px 0;padding:0;border-top:1px solid var(--line)}
.suggesters li{display:grid;grid-template-columns:130px 210px 64px 1fr;gap:4px 12px;align-items:center;padding:6px 0;border-bottom:1px solid var(--line);min-height:44px}
.suggesters label{display:flex;align-items:center;gap:8px;cursor:pointer;min-height:32px}
.suggesters .silent{color:var(--quiet);display:flex;align-items:center;gap:8px;padding-left:24px}
.suggesters .rate{font-variant-numeric:tabular-nums}
.suggesters .because{color:var(--quiet);font-size:.9rem;grid-column:4}
.key{width:18px;height:18px;flex:none;vertical-align:-4px;margin-right:4px}
input[type=checkbox]{width:18px;height:18px;margin:0;accent-color:var(--accent)}
@media (max-width:600px){.suggesters li{grid-template-columns:1fr auto}.suggesters .because{grid-column:1/3}.suggesters .rate{text-align:right}.suggesters .how{grid-column:2;grid-row:2;justify-self:end}}
button{font:inherit;font-size:.9rem;color:var(--accent);background:var(--paper);border:1px solid var(--line);border-radius:7px;padding:5px 12px;min-height:32px;cursor:pointer}
button:hover{border-color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
button[aria-pressed=true],button[aria-selected=true]{background:var(--accent);color:var(--paper);border-color:var(--accent)}
[role=tablist]{display:none;gap:8px;flex-wrap:wrap}
.scripted [role=tablist]{display:flex}
.scripted .framework{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.code{position:relative;margin:10px 0}
pre{background:var(--card);border:1px solid var(--line);border-radius:8px;margin:0;padding:12px 14px;overflow-x:auto;font:13.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.copy,.how,.downloads{display:none}
.scripted .copy,.scripted .how{display:inline-block}
.scripted .downloads{display:block}
.scripted .code pre{padding-right:92px}
.scripted .code .copy{position:absolute;right:8px;top:8px}
@media (max-width:600px){.scripted .code pre{padding-right:14px}.scripted .code .copy{position:static;margin-top:8px}}
.downloads button{margin:0 8px 8px 0}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(260px,1fr));gap:2px 28px;margin:8px 0}
dl div{display:flex;gap:12px;justify-content:space-between;border-bottom:1px solid var(--grid);padding:4px 0}
dt{color:var(--quiet);flex:none}dd{margin:0;text-align:right;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin-top:8px}
th,td{text-align:left;font-weight:400;padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--quiet);font-size:.9rem}
[hidden]{display:none!important}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--quiet:#444;--grid:#ddd;--axis:#888;--raw:#777;--trim:#aaa;--ground:#eee;--band:#ccd9ea;--accent:#0b5cad;--card:#fff;--line:#bbb}main{max-width:none;padding:0}figure svg.wide{display:block}figure svg.narrow,.scripted .how,.scripted .copy,.scripted .downloads,.scripted [role=tablist],.reading,input[type=checkbox]{display:none}.scripted .code[hidden]{display:block!important}.scripted .framework{position:static;width:auto;height:auto;clip-path:none}section{break-inside:avoid}}
`.replaceAll("\n", "");
