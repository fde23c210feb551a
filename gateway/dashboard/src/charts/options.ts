/* How our pictures look: bars in layers and lines, in the colours of the tokens, each with a pattern, a mark or a dash as well, so that
 * nobody needs to tell colours apart. Pure: a palette and numbers go in, options come out. */
import type { EChartsCoreOption } from 'echarts/core';

export interface Palette { inks: string[]; ink: string; soft: string; line: string; paper: string; font: string; size: number; isCalm: boolean }
export interface Layer { name: string; data: (number | null)[]; colour?: string }

const DASHES = ['solid', 'dashed', 'dotted', [12, 4, 3, 4]] as const;
const MARKS = ['circle', 'rect', 'triangle', 'diamond'] as const;

function base(p: Palette, layers = 2): EChartsCoreOption {
  return {
    animation: !p.isCalm,
    animationDuration: 300,
    color: p.inks,
    textStyle: { fontFamily: p.font, fontSize: p.size, color: p.ink },
    aria: { enabled: true, label: { enabled: false }, decal: { show: layers > 1 } },
    tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, axisPointer: { type: 'shadow' }, backgroundColor: p.paper, borderColor: p.line, textStyle: { color: p.ink, fontSize: p.size } },
    legend: { top: 0, left: 0, right: 0, type: 'plain', itemGap: 14, textStyle: { color: p.ink, fontSize: p.size } },
  };
}
const axisText = (p: Palette) => ({ axisLabel: { color: p.soft, fontSize: p.size, hideOverlap: true }, axisLine: { lineStyle: { color: p.line } }, splitLine: { lineStyle: { color: p.line, opacity: 0.5 } } });

/* Columns in layers. */
export function columns(p: Palette, labels: string[], layers: Layer[]): EChartsCoreOption {
  return {
    ...base(p, layers.length),
    legend: layers.length > 1 ? (base(p).legend as object) : undefined,
    grid: { left: 4, right: 10, top: layers.length > 6 ? 54 : layers.length > 1 ? 34 : 12, bottom: 4, containLabel: true },
    xAxis: { type: 'category', data: labels, ...axisText(p) },
    yAxis: { type: 'value', minInterval: 1, ...axisText(p) },
    series: layers.map((l) => ({ type: 'bar', name: l.name, stack: 'all', data: l.data, barMaxWidth: 46, itemStyle: l.colour ? { color: l.colour } : undefined })),
  };
}

/* Lying bars in layers, the first name on top. */
export function bars(p: Palette, names: string[], layers: Layer[]): EChartsCoreOption {
  return {
    ...columns(p, names, layers),
    xAxis: { type: 'value', minInterval: 1, ...axisText(p) },
    yAxis: { type: 'category', data: names, inverse: true, ...axisText(p), axisLabel: { color: p.ink, fontSize: p.size, width: p.size * 11, overflow: 'truncate' } },
    series: layers.map((l) => ({ type: 'bar', name: l.name, stack: 'all', data: l.data, barMaxWidth: 24, itemStyle: l.colour ? { color: l.colour } : undefined })),
  };
}

/* Shares over time, from 0 to 100 %; a gap where there is none. */
export function lines(p: Palette, labels: string[], layers: Layer[]): EChartsCoreOption {
  return {
    ...base(p),
    tooltip: { ...(base(p).tooltip as object), axisPointer: { type: 'line' }, valueFormatter: (v: unknown) => (typeof v === 'number' ? `${v}%` : '–') },
    grid: { left: 4, right: 14, top: 34, bottom: 4, containLabel: true },
    xAxis: { type: 'category', data: labels, boundaryGap: false, ...axisText(p) },
    yAxis: { type: 'value', min: 0, max: 100, ...axisText(p), axisLabel: { color: p.soft, fontSize: p.size, formatter: '{value}%' } },
    series: layers.map((l, i) => ({ type: 'line', name: l.name, data: l.data, connectNulls: false, symbol: MARKS[i % 4], symbolSize: 9, lineStyle: { width: 2.5, type: DASHES[i % 4] }, showSymbol: true })),
  };
}

/* Words, the more people the larger. */
export function cloud(p: Palette, words: { name: string; value: number }[]): EChartsCoreOption {
  const large = words.length < 12 ? 1.25 : words.length < 25 ? 1.1 : 1; /* few words are written larger */
  return {
    animation: false,
    tooltip: { show: true, renderMode: 'richText', confine: true, backgroundColor: p.paper, borderColor: p.line, textStyle: { color: p.ink, fontSize: p.size } },
    series: [{
      type: 'wordCloud', shape: 'square', width: '98%', height: '96%', left: 'center', top: 'center', sizeRange: [p.size * 1.1 * large, p.size * 3.4 * large], rotationRange: [0, 0], gridSize: Math.round(p.size * 0.6),
      drawOutOfBound: false, shrinkToFit: true, layoutAnimation: false,
      textStyle: { fontFamily: p.font, fontWeight: 'bold' },
      emphasis: { focus: 'none', textStyle: { textShadowBlur: 0 } },
      data: words.map((w, i) => ({ ...w, textStyle: { color: p.inks[i % p.inks.length] } })),
    }],
  };
}
