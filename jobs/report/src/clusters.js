import { element, tip } from './elements.js'
import { count, error, percent, ratio, ratioOf } from './formats.js'
import { colours, showPlot } from './plot.js'
import { showTable } from './table.js'

const MOST_TILES = 400

/** A map of all clusters, and their table. */
export function showClusters({ clusters, map, limit }) {
  const { rows, total } = clusters
  const place = document.getElementById('clusters-map')
  const known = rows.every((row) => row.stored !== null)
  const share = (row) => (known ? row.stored / Math.max(1, row.numbersIn) : row.rank / Math.max(1, row.rows))
  const shareName = known ? 'stored share' : 'rank share of rows'

  const families = new Map()
  const add = (family, node) => {
    families.set(family, [...(families.get(family) || []), node])
  }
  for (const row of rows.slice(0, MOST_TILES)) {
    add(`${count(row.rows)} rows`, { name: row.id, value: [row.numbersIn, Math.min(1, share(row))], row })
  }
  for (const each of map) {
    add(each.family, { name: each.name, value: [each.numbersIn, 1], other: each })
  }
  const others = rows.slice(MOST_TILES)
  const { rest } = clusters
  if (others.length + rest.clusters > 0) {
    const numbersIn = others.reduce((sum, row) => sum + row.numbersIn, rest.numbersIn)
    const stored = others.reduce((sum, row) => sum + (row.stored || 0), rest.stored)
    const other = { name: `${count(others.length + rest.clusters)} smaller clusters`, numbersIn }
    add('others', { name: other.name, value: [numbersIn, known ? Math.min(1, stored / Math.max(1, numbersIn)) : 0.5], other })
  }
  const tree = [...families].map(([name, children]) => ({ name, children }))
  if (tree.length === 0) {
    place.append(element('p', {}, 'There are no matrices to compress.'))
  } else {
    showPlot(place, {
      label: `Map of clusters: an area for each, as large as its numbers in, the darker the larger its ${shareName}. The table below has the figures.`,
      height: 420,
      option: ({ ramp, ground, text }) => ({
        tooltip: { formatter: ({ data }) => about(data) },
        series: [
          {
            type: 'treemap',
            name: 'all families',
            data: tree,
            left: 0,
            right: 0,
            top: 0,
            bottom: 30,
            roam: false,
            nodeClick: 'zoomToNode',
            breadcrumb: { bottom: 0, itemStyle: { color: ground, borderColor: text, textStyle: { color: text } }, emphasis: { itemStyle: { color: ground } } },
            visualDimension: 1,
            visualMin: 0,
            visualMax: 1,
            upperLabel: { show: true, height: 24, color: text },
            label: { color: '#000000', textBorderColor: '#ffffff', textBorderWidth: 2, overflow: 'truncate' },
            itemStyle: { borderColor: ground, gapWidth: 1 },
            levels: [
              { itemStyle: { borderWidth: 0, gapWidth: 4 }, upperLabel: { show: false } },
              { color: ramp, colorMappingBy: 'value', itemStyle: { borderColor: ground, borderWidth: 2, gapWidth: 1 } },
              { color: ramp, colorMappingBy: 'value' }
            ]
          }
        ]
      })
    })
    const swatches = element('span', { class: 'ramp', 'aria-hidden': 'true' })
    const paint = () => swatches.style.setProperty('background', `linear-gradient(to right, ${colours().ramp.join(', ')})`)
    paint()
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint)
    place.append(element('p', { class: 'legend' }, `${shareName}: 0 % `, swatches, ' 100 %'))
  }

  showTable(document.getElementById('clusters-table'), {
    caption: 'Clusters',
    columns: [
      { name: 'Cluster', value: (row) => row.id },
      { name: 'Blocks', value: (row) => row.blocks, show: count, number: true },
      { name: 'Rows', value: (row) => row.rows, show: count, number: true },
      { name: 'Columns', value: (row) => row.columns, show: count, number: true },
      { name: 'Rank', value: (row) => row.rank, show: count, number: true },
      { name: 'Each block uses', value: (row) => (row.mask ? 'some directions' : 'all directions') },
      { name: 'Numbers in', value: (row) => row.numbersIn, show: count, number: true },
      ...(known
        ? [
            { name: 'Stored', value: (row) => row.stored, show: count, number: true },
            { name: 'Ratio', value: (row) => ratioOf(row.numbersIn, row.stored), show: ratio, number: true }
          ]
        : []),
      { name: limit.weighted ? 'Weighted error' : 'Error', value: (row) => row.error, show: error, number: true },
      ...(rows.some((row) => row.limit !== null) ? [{ name: 'Limit', value: (row) => row.limit, show: error, number: true }] : [])
    ],
    rows,
    note: rows.length < total && `The ${count(rows.length)} with the most numbers in, of ${count(total)}; colonnade inspect --all lists all.`
  })

  function about({ name, row, other }) {
    if (row) {
      return tip(row.id, [
        ['blocks', count(row.blocks)],
        ['basis', `${count(row.rows)} × ${count(row.rank)}`],
        ['columns', count(row.columns)],
        ['numbers in', count(row.numbersIn)],
        ...(known ? [['stored', `${count(row.stored)} (${percent(row.stored / Math.max(1, row.numbersIn))})`]] : []),
        ['error', error(row.error)]
      ])
    }
    return other ? tip(other.name, [['numbers in', count(other.numbersIn)]]) : tip(name, [])
  }
}
