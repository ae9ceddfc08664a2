// The photos of a carousel: chosen from the library, moved by drag or by key, taken out. Loaded when there are any.

const form = document.getElementById("post-form");
const list = () => document.getElementById("photos");
const places = () => [...list().querySelectorAll("[data-photo]")];

function say(photo) {
  const all = places();
  const place = all.indexOf(photo) + 1;
  document.getElementById("photos-said").textContent = `${photo.dataset.name} is now photo ${place} of ${all.length}.`;
}

function changed(photo) {
  photo.querySelector("input[name=photos]").dispatchEvent(new Event("change", { bubbles: true }));
}

function move(photo, direction) {
  const all = places();
  const other = all[all.indexOf(photo) + (direction === "left" ? -1 : 1)];
  if (!other) {
    const end = direction === "left" ? "first" : "last";
    document.getElementById("photos-said").textContent = `${photo.dataset.name} is the ${end} photo already.`;
    return;
  }
  // The neighbour moves, so that the pressed button stays where it is in the document and keeps the focus.
  if (direction === "left") photo.after(other);
  else photo.before(other);
  changed(photo);
  say(photo);
}

function takeOut(photo) {
  const all = places();
  const place = all.indexOf(photo);
  const next = all[place + 1] ?? all[place - 1];
  const hadFocus = photo.contains(document.activeElement);
  photo.remove();
  document.getElementById("photos-said").textContent = `${photo.dataset.name} is taken out.`;
  if (hadFocus) (next?.querySelector("[data-photo-remove]") ?? document.getElementById("photo-change")).focus();
  // The list itself has no field any more to speak for it.
  form.querySelector("input[name=seq]").dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const mover = event.target.closest("[data-photo-move]");
  const remover = event.target.closest("[data-photo-remove]");
  const toggle = event.target.closest("[data-photo-toggle]");
  if (!mover && !remover && !toggle) return;
  event.preventDefault();
  if (mover) move(mover.closest("[data-photo]"), mover.dataset.photoMove);
  if (remover) takeOut(remover.closest("[data-photo]"));
  if (toggle) {
    const chosen = document.getElementById(`photo-${toggle.value}`);
    if (chosen) takeOut(chosen);
    else document.dispatchEvent(new CustomEvent("greenroom:media", { detail: { media: toggle.value, kind: "photo", isOwn: true } }));
    toggle.setAttribute("aria-pressed", String(Boolean(document.getElementById(`photo-${toggle.value}`))));
  }
});

// --- Dragging ---------------------------------------------------------------------------------------------------

const bound = new WeakSet();

async function bind() {
  const photos = list();
  if (!photos || bound.has(photos) || places().length < 2) return;
  bound.add(photos);
  await import(photos.dataset.sortable);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let before = [];
  Sortable.create(photos, {
    draggable: "[data-photo]",
    filter: "button, input, label, a",
    preventOnFilter: false,
    // Drawn by the page itself: the same by mouse and by finger, and no file that is dragged over the page.
    forceFallback: true,
    fallbackTolerance: 4,
    delay: 200,
    delayOnTouchOnly: true,
    animation: still ? 0 : 150,
    onStart() {
      before = places();
      // An answer that arrives meanwhile leaves the list alone.
      photos.dataset.busy = "";
    },
    onEnd({ item }) {
      delete photos.dataset.busy;
      if (before.every((photo, place) => photo === places()[place])) return;
      changed(item);
      say(item);
    },
  });
}
bind();
document.addEventListener("htmx:afterSettle", bind);
