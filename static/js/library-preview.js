// Previews of videos: where the browser cannot play one, its frames come from the server; scrubbing asks for few of them.

const WAIT_MS = 150;
const BUSY_MS = 1500;

function showFrames(video) {
  const preview = video.closest("[data-preview]");
  if (!preview) return;
  preview.querySelector("[data-unplayable]").hidden = false;
  const frames = preview.querySelector("[data-frames]");
  // Where there are none, the note leads to them and the poster stays.
  if (!frames || video.hidden) return;
  video.hidden = true;
  video.pause();
  frames.open = true;
}

function look(video) {
  // Sound without a picture is a codec this browser does not know, too.
  if (video.error || (video.readyState > 0 && video.videoWidth === 0)) showFrames(video);
}

const lookAtAll = () => document.querySelectorAll("video[data-player]").forEach(look);

// These events do not bubble, and fragments bring new players: they are caught on their way down.
for (const name of ["error", "loadedmetadata"]) {
  document.addEventListener(name, (event) => event.target.matches?.("video[data-player]") && look(event.target), true);
}
document.addEventListener("htmx:afterSettle", lookAtAll);
lookAtAll();

function ask(frame, at) {
  frame.dataset.wanted = at;
  clearTimeout(frame.timer);
  frame.timer = setTimeout(() => {
    // One at a time: a server that decodes for a scrubbing hand has enough to do.
    if ("loading" in frame.dataset) return;
    frame.dataset.loading = at;
    frame.src = `${frame.dataset.frame}?at=${at}`;
  }, WAIT_MS);
}

function settle(frame, wait) {
  if (!("loading" in frame.dataset)) return;
  const asked = frame.dataset.loading;
  delete frame.dataset.loading;
  if (wait || frame.dataset.wanted !== asked) setTimeout(() => ask(frame, frame.dataset.wanted), wait);
}

document.addEventListener(
  "load",
  (event) => {
    if (!event.target.matches?.("[data-frame]")) return;
    event.target.dataset.tries = 0;
    settle(event.target, 0);
  },
  true,
);
document.addEventListener(
  "error",
  (event) => {
    if (!event.target.matches?.("[data-frame]")) return;
    const tries = Number(event.target.dataset.tries ?? 0) + 1;
    event.target.dataset.tries = tries;
    if (tries <= 3) settle(event.target, BUSY_MS);
    else delete event.target.dataset.loading;
  },
  true,
);

function moveTo(preview, at) {
  const range = preview.querySelector("[data-range]");
  range.value = at;
  const words = `${(Number(range.value) / 1000).toFixed(2)} s`;
  range.setAttribute("aria-valuetext", words);
  preview.querySelector("[data-moment]").textContent = words;
  ask(preview.querySelector("[data-frame]"), range.value);
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-range]")) moveTo(event.target.closest("[data-preview]"), event.target.value);
});

document.addEventListener("click", (event) => {
  const preview = event.target.closest("[data-preview]");
  if (!preview) return;
  const range = preview.querySelector("[data-range]");
  const step = event.target.closest("[data-step]");
  if (step) moveTo(preview, Number(range.value) + Number(step.dataset.step) * Number(range.step));
  if (event.target.matches("[data-strip]")) {
    const box = event.target.getBoundingClientRect();
    moveTo(preview, Math.round(((event.clientX - box.left) / box.width) * Number(range.max)));
  }
});
