import { tip } from './elements.js'
import { count, error, percent } from './formats.js'
import { showPlot } from './plot.js'
import { showTable } from './table.js'

/** The error of every block: a point each, or counts in cells where there are too many. */
export function showBlocks({ blocks, errors, limit }) {
  const { rows, total } = blocks
  const limited = (row) => (limit.weighted && row.weighted !== null ? row.weighted : row.error)
  const what = limit.weighted ? 'weighted error' : 'error'
  const line = limit.block === null ? [] : [limit.block]
  const top = errors.top
  const markLine = (colour, axis) =>
    line.length === 0
      ? undefined
      : {
          silent: true,
          symbol: 'none',
          lineStyle: { color: colour, width: 2, type: 'dashed' },
          label: { formatter: `limit ${error(limit.block)}`, color: colour, position: axis === 'yAxis' ? 'insideEndTop' : 'end' },
          data: [{ [axis]: limit.block }]
        }
  const summary =
    `${count(errors.compressed)} compressed blocks, largest ${what} ${error(errors.largest)}` +
    (limit.block === null ? '.' : `, limit ${error(limit.block)}.`)

  if (errors.grid === null) {
    const points = rows.flatMap((row, i) => (row.cluster === null ? [] : [{ value: [i + 1, limited(row)], row }]))
    const kinds = [...new Set(points.map((point) => point.row.kind))]
    showPlot(document.getElementById('errors-plot'), {
      label: `The ${what} of every block, in the order of the collection: ${summary}`,
      zoom: 'xy',
      option: ({ limit: colour, series, narrow, zooms }) => ({
        grid: { left: 62, right: narrow ? 34 : 40, top: 34, bottom: 72 },
        legend: { data: kinds },
        dataZoom: zooms,
        tooltip: { formatter: ({ data }) => about(data.row) },
        xAxis: { type: 'value', name: 'block', nameGap: 26, min: 0, max: total + 1, axisLabel: { formatter: count } },
        yAxis: { type: 'value', name: what, nameGap: 44, min: 0, max: top, axisLabel: { formatter: axisError, showMaxLabel: false } },
        series: kinds.map((kind, i) => ({
          name: kind,
          type: 'scatter',
          symbol: ['circle', 'triangle', 'diamond'][i % 3],
          symbolSize: points.length > 500 ? 5 : 8,
          itemStyle: { color: series[i], opacity: 0.75 },
          data: points.filter((point) => point.row.kind === kind),
          markLine: i === 0 ? markLine(colour, 'yAxis') : undefined
        }))
      })
    })
  } else {
    const { columns, cells, blocksPerColumn } = errors.grid
    const { edges } = errors.histogram
    const most = cells.reduce((max, cell) => Math.max(max, cell[2]), 1)
    const from = (x) => x * blocksPerColumn + 1
    showPlot(document.getElementById('errors-plot'), {
      label: `How many blocks have which ${what}, in the order of the collection: ${summary}`,
      zoom: 'x',
      option: ({ ramp, text, narrow, zooms, limit: colour }) => ({
        grid: { left: 62, right: narrow ? 20 : 40, top: 40, bottom: 72 },
        dataZoom: zooms,
        visualMap: { min: 1, max: most, orient: 'horizontal', top: 0, right: 40, itemHeight: 120, calculable: false, text: [`${count(most)} blocks`, '1'], textStyle: { color: text }, inRange: { color: ramp } },
        tooltip: {
          formatter: ({ value: [x, y, number] }) =>
            tip(`${count(number)} blocks`, [
              ['blocks', `${count(from(x))} to ${count(Math.min(total, from(x + 1) - 1))}`],
              [what, `${error(edges[y])} to ${error(edges[y + 1])}`]
            ])
        },
        xAxis: { type: 'category', name: 'block', nameGap: 26, data: Array.from({ length: columns }, (_, x) => count(from(x))) },
        yAxis: {
          type: 'category',
          name: what,
          nameGap: 44,
          data: edges.slice(0, -1).map((edge) => axisError(edge)),
          axisLine: { lineStyle: { color: colour } }
        },
        series: [{ type: 'heatmap', data: cells, progressive: 0, itemStyle: { borderWidth: 0 } }]
      })
    })
  }

  const { edges, counts } = errors.histogram
  const width = edges[1] - edges[0]
  showPlot(document.getElementById('errors-histogram'), {
    label: `Histogram of the ${what} of blocks: ${summary}`,
    height: 260,
    option: ({ limit: colour, series }) => ({
      grid: { left: 62, right: 40, top: 28, bottom: 48 },
      tooltip: {
        formatter: ({ dataIndex }) =>
          tip(`${count(counts[dataIndex])} blocks`, [
            [what, `${error(edges[dataIndex])} to ${error(edges[dataIndex + 1])}`],
            ['share', percent(counts[dataIndex] / Math.max(1, errors.compressed))]
          ])
      },
      xAxis: { type: 'value', name: what, nameGap: 26, min: 0, max: top, axisLabel: { formatter: axisError, showMaxLabel: false } },
      yAxis: { type: 'value', name: 'blocks', nameGap: 44, minInterval: 1, axisLabel: { formatter: count } },
      series: [
        {
          type: 'bar',
          barWidth: '96%',
          barCategoryGap: '2%',
          itemStyle: { color: series[0] },
          data: counts.map((number, i) => [edges[i] + width / 2, number]),
          markLine: markLine(colour, 'xAxis')
        }
      ]
    })
  })

  showTable(document.getElementById('blocks-table'), {
    caption: errors.complete ? 'Blocks' : 'Blocks with the largest errors',
    columns: [
      { name: 'Tensor', value: (row) => row.tensor },
      { name: 'Columns', value: (row) => row.part, width: 'short' },
      { name: 'Kind', value: (row) => row.kind, width: 'short' },
      { name: 'Cluster', value: (row) => row.cluster, width: 'short' },
      { name: 'Size', value: (row) => (row.rows === null ? null : `${row.rows} × ${row.columns}`), width: 'short' },
      { name: 'Error', value: (row) => row.error, show: error, number: true },
      ...(rows.some((row) => row.weighted !== null) ? [{ name: 'Weighted error', value: (row) => row.weighted, show: error, number: true }] : []),
      ...(limit.block > 0
        ? [{ name: 'Share of limit', value: (row) => (row.cluster === null ? null : limited(row) / limit.block), show: percent, number: true }]
        : []),
      { name: 'File', value: (row) => blocks.sources[row.source] },
      ...(rows.some((row) => row.note !== null) ? [{ name: 'Note', value: (row) => row.note, width: 'long' }] : [])
    ],
    rows,
    note: !errors.complete && `The ${count(rows.length)} with the largest ${what}, of ${count(total)}.`
  })

  function about(row) {
    return tip(row.tensor, [
      [what, error(limited(row))],
      ...(limit.block > 0 ? [['of the limit', percent(limited(row) / limit.block)]] : []),
      ...(row.part ? [['columns', row.part]] : []),
      ['size', `${row.rows} × ${row.columns}`],
      ['cluster', row.cluster]
    ])
  }
}

const axisError = (value) => String(Number(value.toPrecision(3)))
