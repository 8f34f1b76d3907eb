import { element } from './elements.js'

const PAGE_ROWS = 25

/** Shorter tables need no filter. */
const FEW_ROWS = 10

/**
 * A table that sorts by each column, filters and turns pages.
 *
 * @param {HTMLElement} place where it goes
 * @param {object} table
 * @param {string} table.caption what it holds
 * @param {Array<{name: string, value: function, show?: function, number?: boolean, width?: string}>} table.columns
 *     width short: not wrapped; long: sentences
 * @param {Array} table.rows
 * @param {string} [table.note] what is not in it
 */
export function showTable(place, { caption, columns, rows, note }) {
  let order = { column: -1, descending: false }
  let words = []
  let page = 0
  const show = (column, row) => {
    const value = column.value(row)
    return value === null || value === undefined ? '' : column.show ? column.show(value) : String(value)
  }
  const texts = new Map()
  const text = (row) => {
    if (!texts.has(row)) {
      texts.set(row, columns.map((column) => show(column, row)).join(' ').toLowerCase())
    }
    return texts.get(row)
  }

  const filter = element('input', { type: 'search', autocomplete: 'off', spellcheck: 'false' })
  const status = element('span', { role: 'status' })
  const previous = element('button', { type: 'button' }, 'Previous')
  const next = element('button', { type: 'button' }, 'Next')
  const body = element('tbody')
  const headings = columns.map((column, i) => {
    const button = element('button', { type: 'button' }, column.name, element('span', { 'aria-hidden': 'true' }))
    button.addEventListener('click', () => sortBy(i))
    return element('th', { scope: 'col', class: column.number && 'number' }, button)
  })

  function sortBy(column) {
    // Of numbers the largest are what one looks for.
    const descending = order.column === column ? !order.descending : Boolean(columns[column].number)
    order = { column, descending }
    page = 0
    draw()
  }

  function chosen() {
    const found = words.length === 0 ? rows.slice() : rows.filter((row) => words.every((w) => text(row).includes(w)))
    if (order.column >= 0) {
      const { value, number } = columns[order.column]
      const sign = order.descending ? -1 : 1
      found.sort((a, b) => {
        const [x, y] = [value(a), value(b)]
        if (x === null || y === null) {
          return x === y ? 0 : x === null ? 1 : -1
        }
        return sign * (number ? x - y : String(x).localeCompare(String(y), 'en', { numeric: true }))
      })
    }
    return found
  }

  function draw() {
    const found = chosen()
    const pages = Math.max(1, Math.ceil(found.length / PAGE_ROWS))
    page = Math.min(page, pages - 1)
    const from = page * PAGE_ROWS
    const shown = found.slice(from, from + PAGE_ROWS)
    body.replaceChildren(
      ...shown.map((row) =>
        element(
          'tr',
          {},
          ...columns.map((column, i) => {
            const cell = show(column, row)
            return element(i === 0 ? 'th' : 'td', { scope: i === 0 ? 'row' : null, class: column.number ? 'number' : column.width }, cell)
          })
        )
      )
    )
    headings.forEach((heading, i) => {
      if (i === order.column) {
        heading.setAttribute('aria-sort', order.descending ? 'descending' : 'ascending')
      } else {
        heading.removeAttribute('aria-sort')
      }
    })
    const all = rows.length === found.length ? '' : ` (of ${rows.length.toLocaleString('en-US')})`
    status.textContent =
      found.length === 0
        ? 'No row has these words'
        : `${(from + 1).toLocaleString('en-US')}–${(from + shown.length).toLocaleString('en-US')} of ${found.length.toLocaleString('en-US')}${all}`
    previous.disabled = page === 0
    next.disabled = page === pages - 1
    previous.hidden = next.hidden = rows.length <= PAGE_ROWS
  }

  filter.addEventListener('input', () => {
    words = filter.value.toLowerCase().split(/\s+/).filter(Boolean)
    page = 0
    draw()
  })
  previous.addEventListener('click', () => {
    page--
    draw()
  })
  next.addEventListener('click', () => {
    page++
    draw()
  })

  const scroller = element(
    'div',
    { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': caption },
    element('table', {}, element('caption', {}, caption), element('thead', {}, element('tr', {}, ...headings)), body)
  )
  place.replaceChildren(scroller)
  if (rows.length > FEW_ROWS) {
    place.prepend(element('div', { class: 'controls' }, element('label', {}, 'Filter ', filter), status, previous, next))
  }
  if (note) {
    place.append(element('p', { class: 'note' }, note))
  }
  draw()
}
