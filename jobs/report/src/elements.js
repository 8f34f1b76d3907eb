// Names of tensors and files come from anywhere: they become text, never markup.

/** element('td', { class: 'number' }, 'text', child…) */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) {
      made.setAttribute(key, '')
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(key, value)
    }
  }
  made.append(...children)
  return made
}

/** What a plot shows of the thing under the pointer: a heading and lines of name and value. */
export function tip(heading, lines) {
  const list = element('dl')
  for (const [name, value] of lines) {
    list.append(element('dt', {}, name), element('dd', {}, value))
  }
  return element('div', { class: 'tip' }, element('strong', {}, heading), list)
}
