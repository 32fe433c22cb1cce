// Lets a file be dropped anywhere on the field around its input. Without this script the input itself takes it.
'use strict'
for (const area of document.querySelectorAll('[data-drop]')) {
  const input = document.getElementById(area.dataset.drop)
  const mark = wanted => area.classList.toggle('over', wanted)
  area.addEventListener('dragover', event => {
    event.preventDefault()
    mark(true)
  })
  area.addEventListener('dragleave', event => mark(area.contains(event.relatedTarget)))
  area.addEventListener('drop', event => {
    event.preventDefault()
    mark(false)
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files
  })
}
