/** The page's style: two themes by `light-dark()`, one column where it is narrow, no bars cut off in print. */
export const STYLES = `
:root{color-scheme:light dark;--label:150px;--page:light-dark(#f6f7f9,#101317);--card:light-dark(#fff,#191d23);
--text:light-dark(#1b2128,#e7eaee);--dim:light-dark(#57616c,#a0abb7);--line:light-dark(#e1e5ea,#2b323b);
--passed:light-dark(#2b7a5a,#57bd90);--failed:light-dark(#bf3226,#ff8c80);--skipped:light-dark(#66707c,#97a2ae);
--cancelled:light-dark(#66707c,#97a2ae);--on:light-dark(#fff,#0d1411);--chain:light-dark(#c26a00,#ffb648);
--link:light-dark(#1a5cc4,#8ab8ff);--soft:light-dark(#eef1f4,#222831)}
:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:14px/1.45 system-ui,sans-serif;font-variant-numeric:tabular-nums}
header,main{max-width:1500px;margin:0 auto;padding:16px 24px}
header{display:flex;flex-wrap:wrap;align-items:center;gap:4px 16px;padding-bottom:0}
h1{font-size:20px;margin:0}h2{font-size:15px;margin:0}
.facts{color:var(--dim);margin:0;flex:1}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[hidden]{display:none!important}
button,select,input{font:inherit;color:inherit}
button,select,input[type=search]{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:3px 10px}
button{cursor:pointer}button[disabled]{color:var(--dim);cursor:default}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.pick{color:var(--link);text-decoration:none;overflow-wrap:anywhere}
.pick:hover{text-decoration:underline}
.outcome{display:inline-block;border-radius:99px;padding:0 9px;font-size:12px;font-weight:600;background:var(--skipped);color:var(--on)}
.outcome.passed{background:var(--passed)}.outcome.failed,.outcome.interrupted{background:var(--failed)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(135px,1fr));gap:10px;margin-bottom:14px}
.tile,main>section:not(.tiles),.box{background:var(--card);border:1px solid var(--line);border-radius:10px}
.tile{padding:10px 14px;display:flex;flex-direction:column}.tile strong{font-size:20px;line-height:1.35;white-space:nowrap}
.tile.bad .detail{color:var(--failed);font-weight:600}
.title,.detail,.hint{color:var(--dim);font-size:12px}
.boxes{display:grid;grid-template-columns:1fr 1fr;gap:14px;margin-bottom:14px}
.box{padding:14px 16px}.box p{margin:6px 0}.box ul,.box ol{margin:6px 0;padding-left:22px}
.gain{border-left:4px solid var(--chain)}.sentence{font-size:16px;overflow-wrap:anywhere}
.gains{display:grid;grid-template-columns:max-content 1fr;gap:4px 12px;margin:10px 0;font-size:12px}
.gains span{overflow-wrap:anywhere;max-width:260px}.gains b{display:block;min-width:max-content;width:calc(var(--part)*1%);padding:1px 7px;border-radius:3px;background:color-mix(in srgb,var(--passed) 30%,var(--card));font-weight:600}
.gains b.now{background:var(--soft)}
main>section:not(.tiles){padding:14px 16px;margin-bottom:14px}
.bar-of-tools{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:8px;margin-bottom:6px}
.tools{display:flex;flex-wrap:wrap;align-items:center;gap:8px}.tools label{display:flex;gap:5px;align-items:center}
.hint{margin:0 0 8px}kbd{border:1px solid var(--line);border-radius:4px;padding:0 4px;font:inherit}
#timeline{overflow:auto;max-height:min(72vh,760px);border:1px solid var(--line);border-radius:8px;position:relative;overscroll-behavior-x:contain}
#canvas{position:relative;min-width:100%}
#axis{position:sticky;top:0;z-index:4;height:24px;background:var(--card);border-bottom:1px solid var(--line)}
.tick{position:absolute;top:3px;padding-left:4px;border-left:1px solid var(--line);color:var(--dim);font-size:11px;white-space:nowrap}
#rows{position:relative;background:repeating-linear-gradient(90deg,var(--line) 0 1px,transparent 1px var(--step,100px)) var(--label) 0}
.row{position:absolute;left:0;width:100%}
.row:nth-child(even){background:color-mix(in srgb,var(--soft) 45%,transparent)}
.label{position:sticky;left:0;z-index:3;width:var(--label);height:100%;padding:3px 8px;background:var(--card);border-right:1px solid var(--line);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.label .detail{margin-left:7px}
.row.group{background:var(--soft)}.row.group .label{background:var(--soft);font-weight:600;width:max-content;border:0}
.bar{--c:var(--passed);--import:color-mix(in srgb,var(--c) 68%,light-dark(#000,#fff));position:absolute;border-radius:3px;cursor:pointer;overflow:hidden;color:var(--on);font-size:11.5px;line-height:20px;
background:linear-gradient(90deg,color-mix(in srgb,var(--c) 22%,var(--card)) var(--ready),color-mix(in srgb,var(--c) 55%,var(--card)) var(--ready) var(--started),var(--import) var(--started) var(--collected),var(--c) var(--collected) var(--finished),color-mix(in srgb,var(--c) 30%,var(--card)) var(--finished))}
.instance .bar{--c:color-mix(in srgb,var(--passed) 72%,light-dark(#24508f,#9cc4ff))}
.bar.failed,.tail.failed,.instance .bar.failed{--c:var(--failed)}.bar.skipped,.tail.skipped{--c:var(--skipped)}
.bar.cancelled,.tail.cancelled{--c:var(--cancelled)}
.bar.cancelled{background:repeating-linear-gradient(135deg,var(--c) 0 5px,color-mix(in srgb,var(--c) 60%,var(--card)) 5px 9px)}
.bar.cluster{background:repeating-linear-gradient(90deg,var(--c) 0 2px,color-mix(in srgb,var(--c) 45%,var(--card)) 2px 3px)}
.bar .name{position:absolute;left:calc(var(--started) + 5px);right:2px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.tail{--c:var(--passed);position:absolute;bottom:1px;height:4px;border-radius:0 2px 2px 0;background:color-mix(in srgb,var(--c) 45%,var(--card))}
.with-chain .bar.in-chain{box-shadow:inset 0 0 0 2px var(--chain)}
.bar:hover,.bar:focus-visible{filter:brightness(1.08);z-index:2}
.bar:focus-visible{outline-offset:1px;overflow:visible}
.bar.selected{outline:2px solid var(--text);outline-offset:1px;z-index:2}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;margin:10px 0 0;padding:0;font-size:12px;color:var(--dim)}
.legend li::before{content:"";display:inline-block;width:16px;height:10px;border-radius:2px;margin-right:6px;background:var(--c)}
.legend .passed,.legend .running{--c:var(--passed)}.legend .failed{--c:var(--failed)}.legend .skipped{--c:var(--skipped)}
.legend .cancelled::before{background:repeating-linear-gradient(135deg,var(--cancelled) 0 3px,transparent 3px 5px)}
.legend .opening{--c:color-mix(in srgb,var(--passed) 22%,var(--card))}.legend .starting{--c:color-mix(in srgb,var(--passed) 55%,var(--card))}
.legend .importing{--c:color-mix(in srgb,var(--passed) 68%,light-dark(#000,#fff))}
.legend .exiting::before{--c:color-mix(in srgb,var(--passed) 45%,var(--card));height:4px;vertical-align:baseline}
.legend .chain::before{background:none;box-shadow:inset 0 0 0 2px var(--chain)}
#tip{position:fixed;z-index:9;max-width:min(460px,calc(100vw - 16px));padding:10px 12px;background:var(--card);border:1px solid var(--line);border-radius:8px;box-shadow:0 6px 24px rgb(0 0 0/.25);pointer-events:none;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 14px;margin:6px 0}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
.phases{display:flex;flex-wrap:wrap;gap:4px 14px;list-style:none;margin:8px 0 0;padding:0;font-size:12px;color:var(--dim)}
.table-scroll{overflow:auto;max-height:min(60vh,560px);border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%}
th{position:sticky;top:0;z-index:1;background:var(--card);text-align:left;box-shadow:inset 0 -1px var(--line);padding:0}
th button{border:0;background:none;font-weight:600;padding:5px 10px;width:100%;text-align:inherit}
th[aria-sort=ascending] button::after{content:" ▲" / ""}th[aria-sort=descending] button::after{content:" ▼" / ""}
td{height:30px;padding:0 10px;border-top:1px solid var(--line);white-space:nowrap;max-width:640px;overflow:hidden;text-overflow:ellipsis}
.gap td{padding:0;border:0}.right{text-align:right}td.empty{color:var(--dim)}
#findings td:first-child{white-space:normal;height:auto;min-height:30px;padding:4px 10px}
tbody tr:hover td{background:var(--soft)}tr.selected td{background:color-mix(in srgb,var(--link) 14%,var(--card))}
.file .pick{overflow-wrap:normal}.source{margin-left:8px;color:var(--link);text-decoration:none}
@media(max-width:900px){.boxes{grid-template-columns:1fr}}
@media(max-width:600px){:root{--label:92px}header,main{padding:12px}.minor,.label .detail,.hint{display:none}
.tiles{grid-template-columns:1fr 1fr}.tile strong{font-size:18px}.tools,.tools input,.tools select{max-width:100%}
td{padding:0 6px}th button{padding:5px 6px}.file{max-width:44vw}#theme{order:1}.facts{flex-basis:100%;order:2}}
@media print{:root{color-scheme:light}body{background:#fff}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
button:not(th button),.tools,.hint,#tip{display:none}#timeline,.table-scroll{max-height:none;overflow:visible}
.tile,.box,.row{break-inside:avoid}main>section:not(.tiles){break-inside:auto}}
@media(prefers-reduced-motion:no-preference){.bar{transition:filter .1s}}
`.replaceAll('\n', '')
