import { showBlocks } from './blocks.js'
import { showBounds } from './bounds.js'
import { showClusters } from './clusters.js'
import { element } from './elements.js'
import { count } from './formats.js'
import { showSavings } from './savings.js'
import { showSpectra } from './spectra.js'
import { showTable } from './table.js'

const data = JSON.parse(document.getElementById('data').textContent)

/** Long lists come as arrays, in the order of their keys. */
function objects({ keys, rows, ...others }) {
  return { ...others, rows: rows.map((row) => Object.fromEntries(keys.map((key, i) => [key, row[i]]))) }
}

data.clusters = objects(data.clusters)
data.blocks = objects(data.blocks)
data.rejected = { ...data.rejected, ...objects(data.rejected) }

const place = (id) => document.getElementById(id)

function definitions(list, pairs) {
  list.replaceChildren(...pairs.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))))
}

place('tiles').replaceChildren(
  ...data.tiles.map(([label, value, detail]) =>
    element('div', { class: 'tile' }, element('dt', {}, label), element('dd', {}, element('b', {}, value), element('span', {}, detail)))
  )
)
for (const note of data.notes) {
  place('notes').append(element('p', { class: 'notice' }, note))
}

showSavings(data)
showClusters(data)
showBlocks(data)
showBounds(data)
showSpectra(data)

if (data.rejected.total === 0) {
  place('rejected-table').append(element('p', {}, 'Nothing was rejected: every tensor of the input is in the output.'))
} else {
  const causes = data.rejected.causes.map(([cause, number]) => `${cause} ${count(number)}`).join(', ')
  showTable(place('rejected-table'), {
    caption: `Rejected: ${causes}`,
    columns: [
      { name: 'Tensor', value: (row) => row.tensor },
      { name: 'File', value: (row) => row.source },
      { name: 'Cause', value: (row) => row.cause, width: 'short' },
      { name: 'Reason', value: (row) => row.reason, width: 'long' }
    ],
    rows: data.rejected.rows,
    note: data.rejected.rows.length < data.rejected.total && `The first ${count(data.rejected.rows.length)} of ${count(data.rejected.total)}.`
  })
}
definitions(place('settings-list'), data.settings)
definitions(place('timings-list'), data.timings)
document.documentElement.dataset.ready = 'true'
