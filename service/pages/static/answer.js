// Copies the address of an answer, and prints it. Without this script the buttons are not shown.
'use strict'
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = !navigator.clipboard
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href)
    button.textContent = 'Link copied'
  })
}
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}
