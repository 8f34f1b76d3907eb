import { element, tip } from './elements.js'
import { count, percent, ratio, ratioOf, short } from './formats.js'
import { showPlot } from './plot.js'
import { showTable } from './table.js'

const MOST_BARS = 12

/** Numbers in and stored, by what the reader chooses. */
export function showSavings({ savings }) {
  const place = document.getElementById('savings-plot')
  const table = document.getElementById('savings-table')
  let chosen = savings[0]
  const choices = element(
    'fieldset',
    { class: 'choices' },
    element('legend', {}, 'Numbers in and stored, by'),
    ...savings.map((each, i) => {
      const input = element('input', { type: 'radio', name: 'savings', checked: i === 0 })
      input.addEventListener('change', () => {
        chosen = each
        draw()
      })
      return element('label', {}, input, ' ', each.name)
    })
  )
  document.getElementById('savings-choice').append(choices)

  function draw() {
    const { groups, name, whole, stored } = chosen
    const bars = groups.slice(0, MOST_BARS)
    showPlot(place, {
      label: `Bars of the numbers in and the numbers stored by ${name}. The table below has the same figures.`,
      height: 90 + 46 * bars.length,
      option: ({ series, before, narrow }) => ({
        grid: { left: narrow ? 100 : 190, right: 24, top: 34, bottom: 44 },
        legend: { data: stored ? ['numbers in', 'numbers stored'] : ['numbers in'] },
        tooltip: {
          formatter: ({ dataIndex }) => {
            const { name: group, numbersIn, stored: kept } = bars[dataIndex]
            return tip(group, [
              ...(whole ? [] : [['in', count(numbersIn)]]),
              ...(stored ? [['stored', count(kept)]] : []),
              ...(stored && !whole ? [['ratio', ratio(ratioOf(numbersIn, kept))]] : [])
            ])
          }
        },
        xAxis: { type: 'value', name: 'numbers', nameGap: 28, axisLabel: { formatter: short } },
        yAxis: {
          type: 'category',
          inverse: true,
          data: bars.map((each) => each.name),
          axisLabel: { width: narrow ? 88 : 176, overflow: 'truncate', hideOverlap: false }
        },
        series: [
          ...(whole ? [] : [{ name: 'numbers in', type: 'bar', data: bars.map((each) => each.numbersIn), itemStyle: { color: before } }]),
          ...(stored ? [{ name: 'numbers stored', type: 'bar', data: bars.map((each) => each.stored), itemStyle: { color: series[0] } }] : [])
        ]
      })
    })
    const sum = groups.reduce((all, each) => all + (each.stored || 0), 0)
    showTable(table, {
      caption: `Numbers by ${name}`,
      columns: [
        { name: name[0].toUpperCase() + name.slice(1), value: (row) => row.name },
        ...(whole
          ? []
          : [
              { name: 'Blocks', value: (row) => row.blocks, show: count, number: true },
              { name: 'Numbers in', value: (row) => row.numbersIn, show: count, number: true }
            ]),
        ...(stored
          ? [
              { name: 'Stored', value: (row) => row.stored, show: count, number: true },
              { name: 'Share of all stored', value: (row) => (sum === 0 ? 0 : row.stored / sum), show: percent, number: true }
            ]
          : []),
        ...(stored && !whole ? [{ name: 'Ratio', value: (row) => ratioOf(row.numbersIn, row.stored), show: ratio, number: true }] : [])
      ],
      rows: groups,
      note: chosen.note
    })
  }
  draw()
}
