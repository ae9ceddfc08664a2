// Sends chosen or dropped files to the library in parts that survive a pause, a lost network, a restarted server, a
// reload and another day; follows each until it was checked. Works wherever `composer/_uploader.html` is.

const AT_ONCE = 3;
const RETRY_SECONDS = [1, 2, 5, 10, 20, 30];
const SPEED_MS = 6000; // how far back the speed looks
const DRAW_MS = 250;
const GONE_MS = 5000; // how long a row stays after all went well
const NO_PK = "00000000-0000-0000-0000-000000000000";
const FINAL = new Set(["done", "failed", "cancelled", "expired"]);

const items = new Set(); // the uploads of this page, until they are put away
const own = new Set(); // keys of arrivals whose row is ours
const moving = new Map(); // key → state, of the others
let list = null; // our rows: they go along when the zone is drawn anew
let tusLoading = null;

const zoneOf = () => document.querySelector("[data-uploader]");
const setting = (name) => zoneOf().dataset[name];
const address = (name, pk) => setting(name).replace(NO_PK, pk);
const headers = () => JSON.parse(document.body.getAttribute("hx-headers"));

const UNITS = [[1024 ** 3, "GB"], [1024 ** 2, "MB"], [1024, "KB"]];
function sayBytes(count) {
  for (const [size, unit] of UNITS) {
    if (count < size) continue;
    const value = count / size;
    return `${value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)} ${unit}`;
  }
  return `${count} bytes`;
}

// Exact where rounding would make a size look like the limit that it is over.
const sayTooMuch = (count) => (count < 1.005 * setting("maxBytes") ? `${count.toLocaleString("en")} bytes` : sayBytes(count));

function sayTime(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s left`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min left` : `${(seconds / 3600).toFixed(1)} h left`;
}

const announce = (text) => (zoneOf().querySelector("[data-upload-said]").textContent = text);

// tus itself comes only when somebody uploads: it weighs as much as the rest of the page's scripts.
function loadTus() {
  tusLoading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = setting("tus");
    script.addEventListener("load", () => resolve(window.tus));
    script.addEventListener("error", () => {
      tusLoading = null;
      script.remove();
      reject(new Error("no tus"));
    });
    document.head.append(script);
  });
  return tusLoading;
}

// --- One upload ----------------------------------------------------------------------------------------------

class Item {
  constructor(file) {
    this.file = file;
    this.sent = 0;
    this.samples = [];
    this.failures = 0;
    this.pk = null;
    this.upload = null;
    this.row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
    this.part("[data-name]").textContent = file.name;
    this.part("progress").setAttribute("aria-label", file.name);
    for (const name of this.row.querySelectorAll("[data-of]")) name.textContent = ` ${file.name}`;
    for (const button of this.row.querySelectorAll("button")) {
      button.addEventListener("click", () => this[button.dataset.do]());
    }
    rows().append(this.row);
    this.become("queued", "Waiting for its turn.");
  }

  part(selector) {
    return this.row.querySelector(selector);
  }

  // The row's whole look follows from its state.
  become(state, text) {
    this.state = state;
    this.row.dataset.state = state;
    this.part("[data-text]").textContent = text;
    this.part("[data-figure]").textContent = "";
    const held = document.activeElement?.closest?.("li") === this.row;
    for (const button of this.row.querySelectorAll("button")) {
      button.hidden = !button.dataset.in.split(" ").includes(state);
    }
    this.part("progress").hidden = !["queued", "sending", "waiting", "paused", "checking"].includes(state);
    // A button that goes while one is on it hands the focus on.
    if (held && document.activeElement.hidden) this.part("button:not([hidden])")?.focus();
    next();
  }

  is(...states) {
    return states.includes(this.state);
  }

  async start() {
    this.become("sending", "Uploading");
    this.samples = [];
    try {
      const tus = await loadTus();
      this.upload ??= await this.make(tus);
      // Paused or cancelled meanwhile.
      if (this.is("sending")) this.upload.start();
    } catch {
      this.wait("Waiting for the network.");
    }
  }

  async make(tus) {
    const upload = new tus.Upload(this.file, {
      endpoint: setting("endpoint"),
      chunkSize: Number(setting("partBytes")),
      // Trying again is our own matter: without an end, and at once when the network is back.
      retryDelays: null,
      removeFingerprintOnSuccess: true,
      metadata: { filename: this.file.name },
      headers: headers(),
      onUploadUrlAvailable: () => this.know(upload.url),
      onProgress: (sent) => this.progress(sent),
      onSuccess: () => this.check(),
      onError: (error) => this.fail(error),
    });
    const before = await upload.findPreviousUploads();
    if (before.length) upload.resumeFromPreviousUpload(before.sort((a, b) => b.creationTime.localeCompare(a.creationTime))[0]);
    return upload;
  }

  know(url) {
    this.pk = new URL(url, location.href).pathname.split("/").at(-2);
    own.add(this.pk);
    hideOwn();
  }

  progress(sent) {
    const now = performance.now();
    if (sent > this.sent) this.failures = 0;
    this.sent = sent;
    this.samples.push([now, sent]);
    while (this.samples.length > 2 && now - this.samples[0][0] > SPEED_MS) this.samples.shift();
    if (now - (this.drawn ?? 0) < DRAW_MS || !this.is("sending")) return;
    this.drawn = now;
    this.draw();
  }

  draw() {
    this.part("progress").value = this.sent / this.file.size;
    const [[since, from], [until, to]] = [this.samples[0], this.samples.at(-1)];
    const speed = until - since > 500 ? ((to - from) * 1000) / (until - since) : 0;
    const figures = [`${sayBytes(this.sent)} of ${sayBytes(this.file.size)}`];
    if (speed > 0) figures.push(`${sayBytes(speed)}/s`, sayTime((this.file.size - this.sent) / speed));
    this.part("[data-figure]").textContent = figures.join(" · ");
  }

  fail(error) {
    if (!this.is("sending")) return;
    const response = error.originalResponse;
    const status = response?.getStatus() ?? 0;
    if (response?.getUnderlyingObject()?.responseURL?.includes(setting("signIn")) || status === 403) {
      this.give("You have been signed out. Sign in again in another tab, then press Try again: what has arrived is kept.");
    } else if (status === 0) {
      this.wait("Waiting for the network.");
    } else if (status === 423 || status === 409) {
      this.wait("Another window is sending this file.");
    } else if (status === 408 || status === 429 || status >= 500) {
      if (status === 507) this.give(response.getBody());
      else this.wait("The server does not answer at the moment.");
    } else {
      // A refusal in words of the server's own; a page of a proxy in between is none.
      const isPlain = (response.getHeader("Content-Type") ?? "").startsWith("text/plain");
      this.upload = null;
      this.give(isPlain && response.getBody() ? response.getBody() : "The server did not take this file.");
    }
  }

  // Something that passes by itself: try again, ever more slowly.
  wait(text) {
    const seconds = RETRY_SECONDS[Math.min(this.failures, RETRY_SECONDS.length - 1)];
    this.failures += 1;
    this.become("waiting", `${text} It goes on by itself.`);
    if (this.failures === 2) announce(`${this.file.name}: ${text}`);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.is("waiting") && this.start(), seconds * 1000);
  }

  give(text) {
    this.become("failed", text);
    announce(`${this.file.name}: ${text}`);
  }

  // --- The buttons

  pause() {
    clearTimeout(this.timer);
    this.become("paused", "Paused.");
    this.upload?.abort();
    if (this.sent) this.part("[data-figure]").textContent = `${sayBytes(this.sent)} of ${sayBytes(this.file.size)}`;
  }

  resume() {
    this.failures = 0;
    this.become("queued", "Waiting for its turn.");
  }

  async cancel() {
    clearTimeout(this.timer);
    const upload = this.upload;
    this.remove();
    try {
      // Also forgets the way back to it; what the server does not hear of, expires.
      await upload?.abort(true);
    } catch {
      if (this.pk) send(address("cancel", this.pk));
    }
  }

  dismiss() {
    if (this.pk) send(address("dismiss", this.pk));
    this.remove();
  }

  remove() {
    this.state = "gone";
    items.delete(this);
    const following = this.row.nextElementSibling?.querySelector("button:not([hidden])");
    const held = this.row.contains(document.activeElement);
    this.row.remove();
    if (held) (following ?? document.getElementById("upload-file"))?.focus();
    next();
  }

  // --- After the last byte

  async check() {
    if (this.pk === null) this.know(this.upload.url);
    this.become("checking", "Being checked against TikTok's limits.");
    this.part("progress").removeAttribute("value");
    let pause = 300;
    while (this.is("checking")) {
      const arrival = await ask(address("stateUrl", this.pk));
      if (!this.is("checking")) return;
      if (arrival && FINAL.has(arrival.state)) return this.end(arrival);
      if (arrival?.progress && arrival.progress < arrival.size) {
        this.part("progress").value = arrival.progress / arrival.size;
        this.part("[data-figure]").textContent = `${sayBytes(arrival.progress)} of ${sayBytes(arrival.size)}`;
      } else {
        this.part("progress").removeAttribute("value");
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 1.3, 2000);
    }
  }

  end(arrival) {
    if (arrival.state === "failed") {
      this.become("refused", arrival.error);
      announce(`${this.file.name}: ${arrival.error}`);
      return;
    }
    if (arrival.state !== "done") return this.remove();
    const needsFix = arrival.media_state === "fixable";
    this.news = arrival;
    this.become("done", needsFix ? "In your library. It needs a fix before it can be posted." : "In your library.");
    const file = this.part("[data-file]");
    file.hidden = !needsFix;
    file.setAttribute("href", file.getAttribute("href").replace("/0/", `/${arrival.media}/`));
    announce(`${this.file.name} is in your library.`);
  }

  tell() {
    const { media, kind, media_state: state } = this.news;
    this.news = null;
    tell(media, kind, state, true);
    if (state !== "fixable") setTimeout(() => this.is("done") && this.remove(), GONE_MS);
  }
}

// Photos chosen together join a carousel in the order they were chosen, whichever is here first.
function tellInOrder() {
  let isHeldUp = false;
  for (const item of [...items]) {
    if (item.news && !(isHeldUp && item.news.kind === "photo")) item.tell();
    isHeldUp ||= item.file.type.startsWith("image/") && item.is("queued", "sending", "waiting", "checking");
  }
}

// `isOwn`: chosen on this very page; what another window, a colleague or a link brings is nobody's choice here.
function tell(media, kind, state, isOwn) {
  document.dispatchEvent(new CustomEvent("greenroom:media", { detail: { media, kind, state, isOwn } }));
}

const send = (url) => fetch(url, { method: "POST", headers: headers() }).catch(() => {});

async function ask(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    return response.ok && !response.redirected ? await response.json() : null;
  } catch {
    return null;
  }
}

function next() {
  const queued = [...items].filter((item) => item.is("queued"));
  const free = AT_ONCE - [...items].filter((item) => item.is("sending", "waiting")).length;
  for (const item of queued.slice(0, Math.max(0, free))) item.start();
  tellInOrder();
}

// --- The zone ------------------------------------------------------------------------------------------------

function rows() {
  if (!list) {
    list = document.createElement("ul");
    list.className = "upload-list";
    list.setAttribute("role", "list");
  }
  const place = zoneOf()?.querySelector("[data-uploads]");
  if (place && list.parentElement !== place) place.append(list);
  return list;
}

function refuse(file, text) {
  const item = new Item(file);
  items.add(item);
  item.become("refused", text);
  announce(`${file.name}: ${text}`);
}

function add(files) {
  for (const file of files) {
    const isHere = [...items].some(
      (item) => !item.is("failed", "refused", "done") && item.file.name === file.name && item.file.size === file.size && item.file.lastModified === file.lastModified,
    );
    if (isHere) continue;
    if (file.size === 0) {
      refuse(file, "This file is empty: it has 0 bytes. Export it again, then choose it once more.");
    } else if (file.size > Number(setting("maxBytes"))) {
      refuse(file, `This file is too large: it has ${sayTooMuch(file.size)}, and at most ${setting("maxSaid")} can be uploaded. Export it with a lower bitrate, or cut it shorter.`);
    } else {
      items.add(new Item(file));
      next();
    }
  }
}

function hideOwn() {
  for (const line of document.querySelectorAll("#arrivals [data-arrival]")) line.hidden ||= own.has(line.dataset.arrival);
}

// The others' rows: what a link brings, or another window sent, is news too once it is here.
function followOthers() {
  hideOwn();
  for (const { dataset } of document.querySelectorAll("#arrivals [data-arrival]")) {
    const before = moving.get(dataset.arrival);
    moving.set(dataset.arrival, dataset.state);
    if (dataset.state === "done" && before && before !== "done" && !own.has(dataset.arrival)) {
      tell(Number(dataset.media), dataset.kind, dataset.mediaState, false);
    }
  }
}

// In the capture phase: a chosen file is no edit of a form around the zone, so that form must not hear of it.
document.addEventListener(
  "change",
  (event) => {
    if (event.target.id !== "upload-file") return;
    event.stopPropagation();
    add([...event.target.files]);
    event.target.value = "";
  },
  true,
);

for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    if (!zoneOf() || !event.dataTransfer?.types.includes("Files")) return;
    // A file that misses the zone must not replace the page.
    event.preventDefault();
    const zone = event.target.closest?.("[data-uploader]");
    if (!zone) return;
    zone.dataset.state = name === "dragenter" || name === "dragover" ? "over" : "";
    if (name === "drop") add([...event.dataTransfer.files]);
  });
}

addEventListener("online", () => {
  for (const item of items) {
    if (!item.is("waiting")) continue;
    clearTimeout(item.timer);
    item.start();
  }
});
addEventListener("beforeunload", (event) => [...items].some((item) => item.is("sending")) && event.preventDefault());
document.addEventListener("htmx:afterSettle", () => list && rows());
document.addEventListener("htmx:afterSwap", followOthers);
