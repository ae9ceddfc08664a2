// The delete button of the library's grid says how many files are chosen, and waits until there is one.

function update(form) {
  const button = form.querySelector("[data-select-button]");
  const words = form.querySelector("[data-select-words]");
  const count = form.querySelectorAll("input[name=media]:checked").length;
  words.dataset.usual ??= words.textContent;
  words.textContent = count ? `Delete ${count} file${count === 1 ? "" : "s"}` : words.dataset.usual;
  button.disabled = count === 0;
}

const updateAll = () => document.querySelectorAll("[data-select]").forEach(update);

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-select]");
  if (form) update(form);
});

// A file that arrives and a search bring another grid: what was chosen and is still there stays chosen.
let chosen = [];

document.addEventListener("htmx:beforeSwap", () => {
  chosen = [...document.querySelectorAll("[data-select] input[name=media]:checked")].map((box) => box.value);
});
document.addEventListener("htmx:afterSettle", () => {
  for (const box of document.querySelectorAll("[data-select] input[name=media]")) {
    if (chosen.includes(box.value)) box.checked = true;
  }
  chosen = [];
  updateAll();
});
// Coming back, a browser may have kept the ticks.
window.addEventListener("pageshow", updateAll);
updateAll();
