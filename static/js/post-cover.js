// The cover frame of a video: slider and steps show the frame at once, its moment goes into the form. Loaded with a cover.

const FRAME_MS = 200;
const form = document.getElementById("post-form");
const holder = () => form.querySelector("input[type=hidden][name=cover_timestamp_ms]");
const cover = () => document.getElementById("cover");
const range = () => document.getElementById("cover-range");
const preview = () => document.querySelector(".phone__video");
let asking = 0;
let awaited = null; // a moment that was chosen before the preview knew its own pictures

const said = (ms) =>
  `${Math.floor(ms / 60000)}:${String(Math.floor((ms % 60000) / 1000)).padStart(2, "0")}.${String(ms % 1000).padStart(3, "0")}`;

function showFrame(ms) {
  clearTimeout(asking);
  const video = preview();
  awaited = null;
  if (video?.videoWidth) {
    video.pause();
    video.currentTime = ms / 1000;
    return;
  }
  // A file this browser cannot play, or not yet: the frame comes from the server, once the hand rests.
  awaited = ms;
  asking = setTimeout(() => (document.getElementById("cover-picture").src = `${cover().dataset.frame}?at=${ms}`), FRAME_MS);
}

function draw(video) {
  const frame = document.getElementById("cover-frame");
  if (!frame) return;
  const canvas = frame.querySelector("canvas") ?? frame.appendChild(document.createElement("canvas"));
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
}

function setMoment(ms, eventName) {
  const isFirst = ms === null;
  holder().value = isFirst ? "" : String(ms);
  range().value = String(ms ?? 0);
  range().setAttribute("aria-valuetext", said(ms ?? 0));
  document.getElementById("cover-at").textContent = isFirst ? "first frame" : said(ms);
  showFrame(ms ?? 0);
  holder().dispatchEvent(new Event(eventName, { bubbles: true }));
}

// The slider is no field of the form: what it sets is.
for (const name of ["input", "change"]) {
  document.addEventListener(
    name,
    (event) => {
      if (event.target.id !== "cover-range") return;
      event.stopPropagation();
      setMoment(Number(event.target.value), name);
    },
    true,
  );
}

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-cover-step]")?.dataset.coverStep;
  if (step === undefined) return;
  event.preventDefault();
  if (step === "first") setMoment(null, "change");
  else setMoment(Math.min(Math.max(Number(holder().value) + Number(step), 0), Number(cover().dataset.last)), "change");
});

// The head of a large file, or a slow line: the preview goes to the moment as soon as it can.
document.addEventListener(
  "loadedmetadata",
  ({ target }) => {
    if (target === preview() && target.videoWidth && awaited !== null) showFrame(awaited);
  },
  true,
);

// Only frames that were asked for here: playing the preview is no choice of a cover.
document.addEventListener(
  "seeked",
  ({ target }) => {
    if (target !== preview() || !cover()) return;
    if (Math.abs(target.currentTime * 1000 - Number(holder().value)) < 1) draw(target);
  },
  true,
);

// The slider works before this script has come: what was chosen on it meanwhile counts. A browser rounds what it is
// given to the slider's steps, so that only the same rounding tells whether anybody has moved it.
function isMoved(slider) {
  const asSent = slider.cloneNode();
  asSent.value = slider.defaultValue;
  return slider.value !== asSent.value;
}
if (range() && isMoved(range())) setMoment(Number(range().value), "change");
