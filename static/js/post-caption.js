// Counts the caption while it is typed, in UTF-16 units as TikTok does, and shows it in the preview.

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-caption]")) return;
  const count = document.querySelector("[data-caption-count]");
  const used = event.target.value.length;
  count.querySelector("[data-caption-used]").textContent = String(used);
  count.toggleAttribute("data-over", used > Number(count.dataset.limit));
  document.querySelector("[data-caption-mirror]").textContent = event.target.value;
});
