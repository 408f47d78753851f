"""How a sheet looks in a browser and on its printer: prose in Song, headings in Hei, as official papers are."""

from __future__ import annotations

STYLE = """\
@page { size: A4; margin: 20mm 24mm 22mm;
  @bottom-right { content: counter(page) " / " counter(pages); font-size: 9pt; color: #5f6368; } }
* { box-sizing: border-box; }
body { margin: 0; background: #eceef1; color: #202124; font: 16px/1.75 "Noto Serif SC", "Source Han Serif SC",
  "Noto Serif CJK SC", "Songti SC", SimSun, "Times New Roman", serif; }
main { width: 210mm; max-width: 100%; min-height: 297mm; margin: 24px auto; padding: 20mm 24mm; background: #fff;
  box-shadow: 0 1px 4px rgb(0 0 0 / 25%); overflow-wrap: anywhere; display: flex; flex-direction: column; }
h1, h2, h3, th, .label, .number { font-family: "Noto Sans SC", "Source Han Sans SC", "Noto Sans CJK SC",
  "PingFang SC", "Microsoft YaHei", SimHei, Arial, sans-serif; font-weight: 500; }
header { margin-bottom: 14px; }
h1 { margin: 0; text-align: center; font-size: 26px; line-height: 1.35; }
h2 { margin: 18px 0 6px; font-size: 18px; break-after: avoid; }
h3 { margin: 12px 0 4px; font-size: 16px; break-after: avoid; }
p { margin: 0 0 6px; }
.number { text-align: center; margin: 6px 0 0; font-weight: 400; }
.issued { display: flex; justify-content: space-between; gap: 2em; margin: 10px 0 0; font-size: 15px; }
.red h1 { color: #c00000; font-size: 38px; letter-spacing: .12em; margin-bottom: 8px; }
.red .issued { border-bottom: 2px solid #c00000; padding-bottom: 6px; }
.left { text-align: left; } .center { text-align: center; } .right { text-align: right; }
.indent { text-indent: 2em; text-align: justify; }
table { width: 100%; border-collapse: collapse; margin: 8px 0 14px; font-size: 14px; line-height: 1.5;
  table-layout: fixed; font-variant-numeric: tabular-nums; }
caption { caption-side: top; text-align: left; padding-bottom: 4px; }
th, td { border-bottom: 1px solid #d5d8dc; padding: 5px 6px; vertical-align: top; }
th { border-top: 1.5px solid #202124; border-bottom: 1px solid #202124; background: #f4f6f8; }
tbody tr:last-child td { border-bottom: 1.5px solid #202124; }
.total td { border-top: 1px solid #202124; font-weight: 600; }
thead { display: table-header-group; } tr { break-inside: avoid; }
.grid { border: 1.5px solid #202124; border-bottom-width: .5px; margin: 4px 0 14px; font-size: 15px; line-height: 1.7; }
.row { display: flex; border-bottom: 1px solid #202124; break-inside: avoid; }
.label { flex: 0 0 7.4em; padding: 7px 8px; display: flex; align-items: center; justify-content: center;
  text-align: center; background: #f7f8fa; border-right: 1px solid #202124; line-height: 1.4; }
.value { flex: 1 1 0; min-width: 0; padding: 7px 10px; display: flex; flex-direction: column;
  justify-content: space-between; }
.value + .label { border-left: 1px solid #202124; }
.sign { text-align: right; padding-top: 6px; }
figure { margin: 6px 0 14px; break-inside: avoid; }
figure svg { width: 100%; height: auto; display: block; stroke-linejoin: round; }
.signatures { display: flex; gap: 2em; margin: 22px 0 8px; break-inside: avoid; }
.signatures div { flex: 1 1 0; display: flex; gap: .5em; }
.signatures span:first-child { white-space: nowrap; }
.signatures span:last-child { flex: 1; border-bottom: 1px solid #202124; min-height: 1.75em; }
.verification { display: flex; align-items: center; gap: 14px; margin: 16px 0 8px; font-size: 13px; color: #43474c;
  break-inside: avoid; }
.verification p { margin: 0; }
.verification code { font: 14px/1.4 "DejaVu Sans Mono", Consolas, Menlo, monospace; letter-spacing: .06em;
  color: #202124; }
.qr { width: 23mm; height: 23mm; flex: none; }
footer { margin-top: auto; padding-top: 10px; font-size: 12px; color: #5f6368; text-align: center; }
@media print {
  body { background: #fff; }
  main { width: auto; min-height: 0; margin: 0; padding: 0; box-shadow: none; display: block; }
  * { print-color-adjust: exact; }
}
@media (max-width: 700px) {
  main { margin: 0; padding: 16px; min-height: 0; } .row { flex-wrap: wrap; } .red h1 { font-size: 26px; }
  .value { flex-basis: calc(100% - 7.5em); } .value + .label { border-left: 0; }
  .signatures { flex-direction: column; gap: .6em; }
}
"""
