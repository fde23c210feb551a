/* The drawing library with what our pictures use and nothing else; fetched when the first picture is drawn. It draws on a canvas: no
 * style from a string, no evaluated text, so the strict content policy has nothing to object to. Tips are drawn too
 * (renderMode richText), because the library's own are HTML with inline style. */
import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import 'echarts-wordcloud';

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

export type Picture = EChartsType;
export const draw = (box: HTMLElement): Picture => init(box, null, { renderer: 'canvas' });
