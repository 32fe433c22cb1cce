// Makes a text field with data-offers a combobox over the list of that id, which the server fills while somebody types.
// Without this script the field is a plain one with the browser's own suggestions.
'use strict'
{
  const listOf = field => document.getElementById(field.dataset.offers)
  const options = field => [...listOf(field).children]
  const active = field => options(field).find(one => one.getAttribute('aria-selected') === 'true')

  const open = (field, wanted) => {
    listOf(field).hidden = !wanted
    field.setAttribute('aria-expanded', String(wanted))
    if (!wanted) mark(field, undefined)
  }
  const mark = (field, chosen) => {
    for (const one of options(field)) one.setAttribute('aria-selected', String(one === chosen))
    if (chosen) {
      field.setAttribute('aria-activedescendant', chosen.id)
      chosen.scrollIntoView({block: 'nearest'})
    } else field.removeAttribute('aria-activedescendant')
  }
  const choose = (field, chosen) => {
    field.value = chosen.dataset.value
    open(field, false)
    field.dataset.chosen = field.value
    field.dispatchEvent(new Event('change', {bubbles: true}))
  }
  const move = (field, by) => {
    const all = options(field), from = all.indexOf(active(field))
    if (!all.length) return field.dispatchEvent(new Event('offer'))
    open(field, true)
    mark(field, all[(from < 0 && by < 0 ? 0 : from) + by] ?? all.at(by < 0 ? -1 : 0))
  }

  for (const field of document.querySelectorAll('[data-offers]')) {
    field.removeAttribute('list')
    field.setAttribute('role', 'combobox')
    field.setAttribute('aria-autocomplete', 'list')
    field.setAttribute('aria-expanded', 'false')
    field.setAttribute('aria-controls', field.dataset.offers)
    new MutationObserver(() => {
      const only = options(field).length === 1 && options(field)[0].dataset.value === field.value
      open(field, document.activeElement === field && field.dataset.chosen !== field.value && options(field).length > 0 && !only)
    }).observe(listOf(field), {childList: true})
    field.addEventListener('focus', () => { if (!field.value) field.dispatchEvent(new Event('offer')) })
    field.addEventListener('input', () => { delete field.dataset.chosen })
    field.addEventListener('blur', () => open(field, false))
    field.addEventListener('keydown', event => {
      const shown = !listOf(field).hidden
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') move(field, event.key === 'ArrowDown' ? 1 : -1)
      else if (event.key === 'Enter' && shown && active(field)) choose(field, active(field))
      else if (event.key === 'Escape' && shown) open(field, false)
      else return
      event.preventDefault()
    })
    // The field keeps the focus while somebody points at the list.
    listOf(field).addEventListener('mousedown', event => event.preventDefault())
    listOf(field).addEventListener('click', event => {
      const chosen = event.target.closest('[role=option]')
      if (chosen) choose(field, chosen)
    })
  }
}
