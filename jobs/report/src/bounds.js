import { element, tip } from './elements.js'
import { count, error, ratio } from './formats.js'
import { showPlot } from './plot.js'
import { showTable } from './table.js'

const SYMBOLS = ['circle', 'triangle', 'diamond', 'rect', 'roundRect', 'pin']

/** What each bound promised beside what was measured. */
export function showBounds({ clusters, proofs }) {
  const rows = clusters.rows.filter((row) => row.measured !== null)
  const place = document.getElementById('bounds-plot')
  if (rows.length === 0) {
    place.append(element('p', {}, 'There is no cluster whose bound can be compared with what was measured.'))
    return
  }
  const names = [...new Set(rows.map((row) => row.provedBy))].sort()
  const top = 1.05 * rows.reduce((max, row) => Math.max(max, row.upper, row.measured), 1e-300)
  showPlot(place, {
    label: `The upper bound of a cluster over its measured error, for ${clusters.rest.clusters > 0 ? 'the largest ' : ''}${count(rows.length)} clusters. Below the diagonal, what was written is further away than the best approximation that the bound is about.`,
    height: 380,
    zoom: 'xy',
    option: ({ series, limit: colour, zooms, narrow }) => ({
      grid: { left: 62, right: narrow ? 34 : 40, top: 34, bottom: 72 },
      legend: { data: names },
      dataZoom: zooms,
      tooltip: { formatter: ({ data }) => about(data.row) },
      xAxis: { type: 'value', name: 'measured error', nameGap: 26, min: 0, max: top, axisLabel: { formatter: axisError, showMaxLabel: false } },
      yAxis: { type: 'value', name: 'upper bound', nameGap: 44, min: 0, max: top, axisLabel: { formatter: axisError, showMaxLabel: false } },
      series: names.map((name, i) => ({
        name,
        type: 'scatter',
        symbol: SYMBOLS[i % SYMBOLS.length],
        symbolSize: 9,
        itemStyle: { color: series[i % series.length], opacity: 0.8 },
        data: rows.filter((row) => row.provedBy === name).map((row) => ({ value: [row.measured, row.upper], row })),
        markLine:
          i === 0
            ? {
                silent: true,
                symbol: 'none',
                lineStyle: { color: colour, type: 'dashed' },
                label: { formatter: 'equal', color: colour, position: 'insideEndTop' },
                data: [[{ coord: [0, 0] }, { coord: [top, top] }]]
              }
            : undefined
      }))
    })
  })
  showTable(document.getElementById('bounds-table'), {
    caption: 'Upper bound over measured error, by the bound that proved it',
    columns: [
      { name: 'Proved by', value: (row) => row.name },
      { name: 'Clusters', value: (row) => row.clusters, show: count, number: true },
      { name: 'Smallest', value: (row) => row.smallest, show: ratio, number: true },
      { name: 'Median', value: (row) => row.median, show: ratio, number: true },
      { name: 'Largest', value: (row) => row.largest, show: ratio, number: true }
    ],
    rows: proofs
  })
}

const axisError = (value) => String(Number(value.toPrecision(3)))

function about(row) {
  return tip(row.id, [
    ['measured', error(row.measured)],
    ['lower bound', error(row.lower)],
    ['upper bound', error(row.upper)],
    ['proved by', row.provedBy],
    ['rank', count(row.rank)]
  ])
}
