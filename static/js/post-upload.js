// Sends a chosen or dropped video straight to the library, with progress; then it is picked like any other file.

const form = document.getElementById("post-form");
const MB = 1024 * 1024;
const say = (bytes) => (bytes < MB ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / MB).toFixed(bytes < 100 * MB ? 1 : 0)} MB`);
let running = null;

const zoneOf = () => document.getElementById("upload");
const part = (selector) => zoneOf().querySelector(selector);

function showResult(html) {
  part(".upload__result").innerHTML = html;
}

function showFailure(title, text) {
  const notice = document.getElementById("upload-failure").content.firstElementChild.cloneNode(true);
  notice.querySelector(".notice__title").textContent = title;
  notice.querySelector(".notice__text").textContent = text;
  part(".upload__result").replaceChildren(notice);
}

function showProgress(label, figure, share) {
  part("[data-upload-label]").textContent = label;
  part("[data-upload-figure]").textContent = figure;
  const bar = part("progress");
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
}

function setBusy(isBusy) {
  // A node that is at work is left alone by the morph (htmx-house.js).
  zoneOf().toggleAttribute("data-busy", isBusy);
  part(".upload__drop").hidden = isBusy;
  part(".upload__progress").hidden = !isBusy;
}

function left(sent, total, since) {
  const seconds = (performance.now() - since) / 1000;
  if (seconds < 2 || sent === 0) return "";
  const rest = Math.ceil(((total - sent) * seconds) / sent);
  return rest < 90 ? ` · ${rest} s left` : ` · ${Math.ceil(rest / 60)} min left`;
}

function upload(file) {
  const zone = zoneOf();
  if (running) return;
  if (file.size > Number(zone.dataset.maxBytes)) {
    showFailure("This file is too large.", `“${file.name}” has ${say(file.size)}, and TikTok takes at most ${zone.dataset.maxSaid}. Export it with a lower bitrate, or cut it shorter.`);
    return;
  }
  if (file.size === 0) {
    showFailure("This file is empty.", `“${file.name}” holds nothing. Export it again, then choose it once more.`);
    return;
  }
  const request = new XMLHttpRequest();
  const since = performance.now();
  running = request;
  showResult("");
  setBusy(true);
  showProgress(`Uploading “${file.name}”`, `0 of ${say(file.size)}`, 0);
  part("[data-upload-cancel]").focus();
  request.upload.addEventListener("progress", (event) => {
    const figure = `${say(event.loaded)} of ${say(file.size)}${left(event.loaded, file.size, since)}`;
    showProgress(`Uploading “${file.name}”`, figure, event.loaded / file.size);
  });
  request.upload.addEventListener("load", () => showProgress("Checking the file against TikTok's limits", say(file.size), null));
  request.addEventListener("loadend", () => finish(request, file));
  request.open("PUT", `${zone.dataset.upload}?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader("X-CSRFToken", form.elements.namedItem("csrfmiddlewaretoken").value);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.send(file);
}

function finish(request, file) {
  running = null;
  setBusy(false);
  const isFragment = (request.getResponseHeader("Content-Type") ?? "").startsWith("text/html");
  if (request.status === 200 || request.status === 201) {
    const value = String(JSON.parse(request.responseText).media);
    form.dispatchEvent(new CustomEvent("pick", { detail: { name: "media", value } }));
  } else if (request.status === 0 && request.wasCancelled) {
    document.getElementById("upload-file").focus();
  } else if ([400, 413, 422, 507].includes(request.status) && isFragment) {
    showResult(request.responseText);
  } else {
    showFailure("The upload did not arrive.", `The connection ended before “${file.name}” was here. Your draft is as it was. Check your connection, then choose the file again.`);
  }
}

// In the capture phase: a chosen file is no edit of the draft, so the form must not hear of it.
document.addEventListener(
  "change",
  (event) => {
    if (event.target.id !== "upload-file") return;
    event.stopPropagation();
    const [file] = event.target.files;
    event.target.value = "";
    if (file) upload(file);
  },
  true,
);

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-upload-cancel]") || !running) return;
  running.wasCancelled = true;
  running.abort();
});

for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const zone = event.target.closest?.("#upload");
    if (!event.dataTransfer?.types.includes("Files")) return;
    // A file that misses the zone must not replace the page.
    event.preventDefault();
    if (!zone) return;
    zone.dataset.state = name === "dragenter" || name === "dragover" ? "over" : "";
    if (name === "drop" && event.dataTransfer.files.length) upload(event.dataTransfer.files[0]);
  });
}

addEventListener("beforeunload", (event) => running && event.preventDefault());
