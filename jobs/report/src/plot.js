import { BarChart, HeatmapChart, LineChart, ScatterChart, TreemapChart } from 'echarts/charts'
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent
} from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { element } from './elements.js'

use([
  BarChart,
  HeatmapChart,
  LineChart,
  ScatterChart,
  TreemapChart,
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
  SVGRenderer
])

const dark = window.matchMedia('(prefers-color-scheme: dark)')
const still = window.matchMedia('(prefers-reduced-motion: reduce)')
let printing = false
const plots = []

/** The font of the page; widths are measured with it. */
const FONT = getComputedStyle(document.body).fontFamily

/** Colours that people with any kind of colour blindness can tell apart (Okabe and Ito). */
const LIGHT = {
  text: '#333333',
  faint: '#dddddd',
  ground: '#ffffff',
  limit: '#b34700',
  before: '#949494',
  series: ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8c7a00', '#555555'],
  ramp: ['#dcecf7', '#7fb8dc', '#0072b2', '#00314f']
}
const DARK = {
  text: '#e2e2e2',
  faint: '#4a4a4a',
  ground: '#1c1e21',
  limit: '#ff8c3f',
  before: '#8a8a8a',
  series: ['#56b4e9', '#e69f00', '#2fc495', '#e09ac2', '#7d9bff', '#ff7b3a', '#f0e442', '#bbbbbb'],
  ramp: ['#12344a', '#1f6a96', '#56b4e9', '#d8effc']
}

export const colours = () => (dark.matches && !printing ? DARK : LIGHT)

/**
 * A plot that can be hovered, zoomed and walked through with the keyboard.
 *
 * @param {HTMLElement} place where it goes
 * @param {object} plot
 * @param {string} plot.label what it shows, for those who cannot see it
 * @param {number} [plot.height] in pixels
 * @param {string} [plot.zoom] the axes that zoom: x, y or xy
 * @param {function} plot.option gives ECharts' option; asked again when colours or width change
 */
export function showPlot(place, { label, height = 340, zoom = '', option }) {
  const box = element('div', {
    class: 'plot',
    tabindex: '0',
    role: 'group',
    'aria-roledescription': 'plot',
    'aria-label': `${label} Arrow keys go from point to point${zoom ? ', plus and minus zoom, 0 shows all' : ''}.`
  })
  box.style.height = `${height}px`
  const spoken = element('p', { class: 'spoken', 'aria-live': 'polite' })
  const before = plots.findIndex((each) => each.place === place)
  if (before >= 0) {
    plots.splice(before, 1)[0].chart.dispose()
  }
  place.replaceChildren(box, spoken)
  const chart = init(box, null, { renderer: 'svg' })
  const draw = () => {
    const { text, faint, ground, series } = colours()
    const narrow = box.clientWidth < 560
    chart.setOption(
      {
        backgroundColor: 'transparent',
        color: series,
        textStyle: { color: text, fontFamily: FONT },
        animation: !still.matches && !printing,
        animationDuration: 300,
        aria: { enabled: true, label: { description: label } },
        ...styled(option({ ...colours(), narrow, zooms: zooms(zoom, narrow) }), text, faint, ground)
      },
      { notMerge: true }
    )
  }
  draw()
  plots.push({ place, chart, draw })
  walk(box, chart, spoken, zoom)
}

/** Sliders below and beside the plot; the wheel zooms only with Ctrl, so that the page scrolls. */
function zooms(axes, narrow) {
  const both = []
  const common = { filterMode: 'none', showDetail: false, showDataShadow: false, brushSelect: false }
  if (axes.includes('x')) {
    both.push({ type: 'slider', xAxisIndex: 0, height: narrow ? 26 : 18, bottom: 4, ...common })
    both.push({ type: 'inside', xAxisIndex: 0, zoomOnMouseWheel: 'ctrl', moveOnMouseMove: false, moveOnMouseWheel: false, preventDefaultMouseMove: false, filterMode: 'none' })
  }
  if (axes.includes('y')) {
    both.push({ type: 'slider', yAxisIndex: 0, width: narrow ? 22 : 16, right: 2, ...common })
  }
  return both
}

function styled(option, text, faint, ground) {
  const axis = (given) =>
    given && {
      nameTextStyle: { color: text },
      axisLine: { lineStyle: { color: text } },
      splitLine: { lineStyle: { color: faint } },
      nameLocation: 'middle',
      ...given,
      axisLabel: { color: text, hideOverlap: true, ...given.axisLabel }
    }
  const made = {
    ...option,
    tooltip: { confine: true, backgroundColor: ground, borderColor: text, textStyle: { color: text }, transitionDuration: 0, ...option.tooltip }
  }
  if (option.xAxis) {
    made.xAxis = axis(option.xAxis)
    made.yAxis = axis(option.yAxis)
  }
  if (option.legend) {
    made.legend = { type: 'scroll', top: 0, textStyle: { color: text }, pageTextStyle: { color: text }, pageIconColor: text, ...option.legend }
  }
  return made
}

/** Keys: what the pointer does, without one. */
function walk(box, chart, spoken, zoom) {
  let at = -1
  const lengths = () => chart.getOption().series.map((each) => (each.silent ? 0 : (each.data || []).length))
  const go = (step) => {
    const all = lengths()
    const total = all.reduce((sum, length) => sum + length, 0)
    if (total === 0) {
      return
    }
    at = (at + step + total) % total
    let seriesIndex = 0
    let dataIndex = at
    while (dataIndex >= all[seriesIndex]) {
      dataIndex -= all[seriesIndex++]
    }
    chart.dispatchAction({ type: 'showTip', seriesIndex, dataIndex })
    window.requestAnimationFrame(() => {
      spoken.textContent = [...box.querySelectorAll('.tip')].map((each) => spokenText(each)).join(' ')
    })
  }
  const zoomBy = (factor) => {
    chart.getOption().dataZoom.forEach((each, dataZoomIndex) => {
      const middle = (each.start + each.end) / 2
      const half = Math.min(50, ((each.end - each.start) / 2) * factor)
      const start = Math.max(0, Math.min(100 - 2 * half, middle - half))
      chart.dispatchAction({ type: 'dataZoom', dataZoomIndex, start, end: start + 2 * half })
    })
  }
  const keys = { ArrowRight: () => go(1), ArrowLeft: () => go(-1), ArrowDown: () => go(1), ArrowUp: () => go(-1) }
  if (zoom) {
    Object.assign(keys, { '+': () => zoomBy(0.5), '=': () => zoomBy(0.5), '-': () => zoomBy(2), 0: () => zoomBy(1e6) })
  }
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      chart.dispatchAction({ type: 'hideTip' })
    } else if (keys[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
      keys[event.key]()
      event.preventDefault()
    }
  })
  box.addEventListener('blur', () => chart.dispatchAction({ type: 'hideTip' }))
}

function spokenText(shown) {
  const parts = [...shown.querySelectorAll('dt')].map((each) => `${each.textContent} ${each.nextSibling.textContent}`)
  return `${shown.querySelector('strong').textContent}: ${parts.join(', ')}.`
}

function redraw() {
  for (const { chart, draw } of plots) {
    chart.resize()
    draw()
  }
}

dark.addEventListener('change', redraw)
window.addEventListener('beforeprint', () => {
  printing = true
  redraw()
})
window.addEventListener('afterprint', () => {
  printing = false
  redraw()
})
let width = document.documentElement.clientWidth
window.addEventListener('resize', () => {
  if (document.documentElement.clientWidth !== width) {
    width = document.documentElement.clientWidth
    redraw()
  }
})
