import { element, tip } from './elements.js'
import { count, error } from './formats.js'
import { showPlot } from './plot.js'

/** Spectra of the largest clusters, and what less rank would cost one of them. */
export function showSpectra({ spectra, limit }) {
  const place = document.getElementById('spectra-plot')
  const tradeOff = document.getElementById('tradeoff-plot')
  if (spectra.length === 0) {
    place.append(element('p', {}, 'There is no cluster whose factors could be read.'))
    document.getElementById('tradeoff').hidden = true
    return
  }
  showPlot(place, {
    label: `Singular values of what is stored, of the ${count(spectra.length)} largest clusters, as shares of the largest of each.`,
    zoom: 'x',
    option: ({ zooms, narrow }) => ({
      grid: { left: 62, right: narrow ? 20 : 40, top: 34, bottom: 72 },
      legend: {},
      dataZoom: zooms,
      tooltip: { formatter: ({ seriesName, value }) => tip(seriesName, [['number', count(value[0])], ['share of the largest', error(value[1])]]) },
      xAxis: { type: 'value', name: 'singular value', nameGap: 26, min: 1, minInterval: 1, axisLabel: { formatter: count } },
      yAxis: { type: 'log', name: 'share of the largest', nameGap: 48, max: 1, axisLabel: { formatter: (value) => (value >= 0.001 ? String(value) : value.toExponential(0)) } },
      series: spectra.map((each, i) => ({
        name: each.cluster,
        type: 'line',
        symbol: ['circle', 'triangle', 'diamond', 'rect'][i % 4],
        symbolSize: each.ranks.length > 60 ? 3 : 7,
        lineStyle: { type: ['solid', 'dashed', 'dotted'][Math.floor(i / 8) % 3] },
        data: each.ranks.map((rank, at) => [rank, each.values[at]]).filter(([, value]) => value > 0)
      }))
    })
  })

  let chosen = spectra[0]
  const select = element('select', {}, ...spectra.map((each, i) => element('option', { value: i }, each.cluster)))
  select.addEventListener('change', () => {
    chosen = spectra[Number(select.value)]
    draw()
  })
  document.getElementById('tradeoff-choice').append(element('label', {}, 'Cluster ', select))

  function draw() {
    const { cluster, cuts, expected, lower, upper, numbers } = chosen
    showPlot(tradeOff, {
      label: `Error of cluster ${cluster} over its rank, from ${error(expected[0])} at rank ${count(cuts[0])} to ${error(expected[expected.length - 1])} at rank ${count(cuts[cuts.length - 1])}.`,
      zoom: 'x',
      option: ({ series, zooms, limit: colour, narrow }) => ({
        grid: { left: 62, right: narrow ? 20 : 40, top: 34, bottom: 72 },
        legend: { data: ['expected', 'certain'] },
        dataZoom: zooms,
        tooltip: {
          trigger: 'axis',
          formatter: ([{ dataIndex: i }]) =>
            tip(`rank ${count(cuts[i])}`, [
              ['expected error', error(expected[i])],
              ['certainly', `${error(lower[i])} to ${error(upper[i])}`],
              ['basis and coefficients', `${count(numbers[i])} numbers if dense`]
            ])
        },
        xAxis: { type: 'value', name: 'rank', nameGap: 26, min: 0, minInterval: 1, axisLabel: { formatter: count } },
        yAxis: { type: 'value', name: 'error of the cluster', nameGap: 44, min: 0, max: 1 },
        series: [
          {
            name: 'expected',
            type: 'line',
            symbol: 'circle',
            symbolSize: cuts.length > 60 ? 3 : 7,
            z: 3,
            itemStyle: { color: series[0] },
            data: cuts.map((rank, i) => [rank, expected[i]]),
            markLine:
              limit.shown === null
                ? undefined
                : {
                    silent: true,
                    symbol: 'none',
                    lineStyle: { color: colour, width: 2, type: 'dashed' },
                    label: { formatter: `limit ${error(limit.shown)}`, color: colour, position: 'insideStartTop' },
                    data: [{ yAxis: limit.shown }]
                  }
          },
          { name: 'lower', type: 'line', symbol: 'none', silent: true, stack: 'band', lineStyle: { opacity: 0 }, data: cuts.map((rank, i) => [rank, lower[i]]) },
          {
            name: 'certain',
            type: 'line',
            symbol: 'none',
            silent: true,
            stack: 'band',
            itemStyle: { color: series[4] },
            lineStyle: { opacity: 0 },
            areaStyle: { color: series[4], opacity: 0.35 },
            data: cuts.map((rank, i) => [rank, Math.min(1, upper[i]) - lower[i]])
          }
        ]
      })
    })
  }
  draw()
}
