/// How the page looks, on a light and on a dark screen, on a narrow one and on paper.
enum StyleSheet {
  static let source: HTML = #"""
    :root{color-scheme:light dark;--back:#fff;--text:#1c2024;--quiet:#5b6570;--line:#d9dee3;--soft:#f4f6f8;
      --accent:#2a6fb0;--link:#1f5f9e;--warn:#8a5a00}
    @media (prefers-color-scheme:dark){:root{--back:#14181c;--text:#e4e8ec;--quiet:#9aa5b0;--line:#333b43;--soft:#1d2329;
      --accent:#6aa9e0;--link:#8cc0f0;--warn:#e0b050}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0 auto;padding:1rem;max-width:76rem;background:var(--back);color:var(--text);
      font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
    a{color:var(--link)}
    h1{font-size:1.7rem;line-height:1.2;margin:.4rem 0 .6rem}
    h2{font-size:1.35rem;margin:2.4rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
    h3{font-size:1.08rem;margin:1.6rem 0 .3rem}
    h4{font-size:.82rem;font-weight:600;color:var(--quiet);margin:.7rem 0 .25rem}
    p{margin:.4rem 0;max-width:50rem}
    article>p{color:var(--quiet);margin:0}
    nav.contents,nav.index{display:flex;flex-wrap:wrap;gap:.2rem .9rem;margin:.6rem 0}
    nav.index{gap:.2rem .7rem;font-variant-numeric:tabular-nums}
    dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.15rem 1rem;margin:.5rem 0}
    dt{color:var(--quiet)}
    dd{margin:0}
    code{font:.88em ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;background:var(--soft);padding:.05em .25em;
      border-radius:3px}
    ul.notes{padding-left:1.2rem;margin:.8rem 0}
    .remark{color:var(--warn)}
    details{margin:.8rem 0}
    summary{cursor:pointer;color:var(--link)}
    .wide{overflow-x:auto;max-width:100%}
    table{border-collapse:collapse;font-size:.92rem;margin:.5rem 0;overflow-wrap:normal}
    th,td{text-align:left;padding:.22rem .6rem .22rem 0;border-bottom:1px solid var(--line);vertical-align:middle}
    th{font-weight:600;color:var(--quiet)}
    .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    table.confusion td,table.confusion th{padding:.25rem .45rem;border:1px solid var(--line)}
    .cell{background:color-mix(in srgb,var(--accent) calc(var(--share)*75%),transparent)}
    .match{outline:2px solid var(--accent);outline-offset:-2px}
    .t{display:inline-block;background-repeat:no-repeat;background-color:var(--soft);flex:none;
      -webkit-print-color-adjust:exact;print-color-adjust:exact}
    .thumbs{display:flex;flex-wrap:wrap;gap:3px}
    td .thumbs{flex-wrap:nowrap}
    .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.6rem,1fr));gap:.6rem}
    .pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,18rem),1fr));gap:.8rem}
    .pair{display:grid;grid-template-columns:1fr 1fr;gap:.6rem;background:var(--soft);padding:.5rem;border-radius:6px}
    .pair p{grid-column:1/3;margin:0;font-size:.82rem;color:var(--quiet)}
    .card{margin:0;font-size:.78rem;line-height:1.3}
    .card figcaption{color:var(--quiet);margin-top:.15rem}
    .card bdi{color:var(--text)}
    .card a{white-space:nowrap}
    ul.names{margin:.2rem 0;padding-left:1.2rem;font-size:.85rem}
    .swatch{display:inline-block;width:.8em;height:.8em;border-radius:3px;margin-right:.35em;
      -webkit-print-color-adjust:exact;print-color-adjust:exact}
    .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));gap:1rem;margin:.6rem 0}
    figure.chart{margin:0;min-width:0}
    figure.chart figcaption{font-size:.9rem;font-weight:600}
    figure.chart svg{display:block;width:100%;height:auto;max-width:34rem}
    figure.chart svg.matrix{max-width:40rem;min-width:12rem}
    .filters{display:block;max-width:100%;height:auto;image-rendering:pixelated;margin-top:.4rem}
    .layers{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,27rem),1fr));gap:.4rem 1.6rem}
    figure.chart img.plane{display:block;width:100%;max-width:34rem;aspect-ratio:1;border:1px solid var(--line);
      border-radius:6px;margin-top:.3rem}
    .key,.whole{white-space:nowrap}
    .unit,.key{font-weight:400;font-size:.82rem;color:var(--quiet);margin-left:.5em}
    .key::before{content:"";display:inline-block;width:.9em;height:3px;background:var(--c);margin-right:.3em;
      vertical-align:middle;-webkit-print-color-adjust:exact;print-color-adjust:exact}
    svg text{font-size:11px;fill:currentColor;opacity:.8}
    svg .grid{stroke:currentColor;opacity:.18}
    svg .bar{fill:var(--accent)}
    svg .line{fill:none;stroke:var(--c);stroke-width:1.6;stroke-linejoin:round}
    svg .dot{fill:var(--c)}
    svg .mark{stroke:currentColor;stroke-dasharray:4 3;opacity:.7}
    svg .shade{fill:var(--accent)}
    svg .frame{fill:none;stroke:currentColor;stroke-width:.1;opacity:.4}
    .c0{--c:#2a7fc4}.c1{--c:#d9772b}.c2{--c:#2f9e58}.c3{--c:#c64a5a}.c4{--c:#8e6bc0}.c5{--c:#a8833a}.c6{--c:#c85fa8}
    .c7{--c:#7a858f}
    .meter{display:block;width:min(16rem,36vw);height:.7em}
    .meter span{display:block;height:100%;background:var(--accent);min-width:1px;
      -webkit-print-color-adjust:exact;print-color-adjust:exact}
    .map{position:relative;max-width:48rem;aspect-ratio:1;border:1px solid var(--line);border-radius:6px;margin:.6rem 0}
    .map img,.map canvas{display:block;width:100%;height:100%}
    .map canvas{touch-action:manipulation;cursor:crosshair}
    #map-tip{position:absolute;display:flex;gap:.5rem;align-items:center;max-width:min(20rem,100%);padding:.4rem;
      background:var(--back);border:1px solid var(--line);border-radius:6px;font-size:.82rem;pointer-events:none;
      box-shadow:0 2px 10px #0004}
    #map-tip[hidden]{display:none}
    .legend{display:none;flex-wrap:wrap;gap:.3rem;max-width:48rem}
    .legend button{font:inherit;font-size:.85rem;color:inherit;background:var(--soft);border:1px solid var(--line);
      border-radius:5px;padding:.15rem .5rem;min-width:2.75rem;min-height:2rem;cursor:pointer}
    .legend button[aria-pressed=true]{border-color:var(--text);font-weight:600}
    .script .legend{display:flex}
    .script-only{display:none}
    .script .script-only{display:inline}
    footer{margin:3rem 0 1rem;color:var(--quiet);font-size:.85rem}
    @media (max-width:480px){body{padding:.7rem}dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin:0 0 .4rem}
      table.below{width:100%}table.below tr{display:grid;grid-template-columns:minmax(0,1fr) repeat(3,4.1rem);
      border-bottom:1px solid var(--line)}table.below th,table.below td{border:0}table.below th:last-child{display:none}
      table.below td:last-child{grid-row:2;grid-column:1/5}table.below .thumbs{flex-wrap:wrap}}
    @media print{body{max-width:none;font-size:11pt}nav,.legend,.script-only{display:none!important}
      article,figure,.pair,tr{break-inside:avoid}h2,h3,h4{break-after:avoid}}

    """#
}
