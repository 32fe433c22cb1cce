// Dresses RapiDoc in the colours of the pages, in light and dark.
'use strict'
{
  const reference = document.querySelector('rapi-doc')
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const dress = () => {
    const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
    reference.setAttribute('theme', dark.matches ? 'dark' : 'light')
    reference.setAttribute('bg-color', colour('paper'))
    reference.setAttribute('text-color', colour('ink'))
    reference.setAttribute('primary-color', colour('suppressing'))
  }
  dress()
  // The page has a main part already.
  reference.addEventListener('spec-loaded', () => requestAnimationFrame(
    () => reference.shadowRoot.querySelector('main')?.setAttribute('role', 'group'),
  ))
  dark.addEventListener('change', dress)
}
