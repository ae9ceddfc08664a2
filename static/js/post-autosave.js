// Numbers each save of this page, shows whether the draft is saved, and sends what is unsaved when the page is left.
// htmx does the saving itself (hx-post on the form); the server applies a save only if it is this page's newest.

const form = document.getElementById("post-form");
const state = document.getElementById("save-state");
const words = state.querySelector("[data-save-words]");
const RETRY_MS = 5000;

const field = (name) => form.elements.namedItem(name);
let seq = Number(field("seq").value);
let edits = 0; // what the person did
let sending = 0; // how much of it the newest save carries
let saved = 0; // how much of it the server has confirmed
let isGone = false; // the page posts, or was outrun by another window: it saves no more

function show(name) {
  if (state.dataset.state === name) return;
  state.dataset.state = name;
  words.textContent = words.dataset[name];
}

const isUnsaved = () => edits > saved;
const isUnsent = () => edits > sending;

function note(event) {
  // A field that belongs to another form (a pasted link) is no part of the draft.
  if (!event.target.name || event.target.type === "file" || event.target.form !== form) return;
  edits += 1;
  show(isGone ? "unsaved" : "saving");
}
form.addEventListener("input", note, true);
form.addEventListener("change", note, true);

// On a slow line people type and tick before this script has come. htmx listens from DOMContentLoaded on.
function isChanged(node) {
  if (node.matches("[type=checkbox], [type=radio]")) return node.checked !== node.defaultChecked;
  if (node.matches("select")) {
    const asSent = [...node.options].findLast((option) => option.defaultSelected) ?? node.options[0];
    return asSent !== undefined && !asSent.selected;
  }
  return node.matches("input:not([type=file]), textarea") && node.value !== node.defaultValue;
}
if ([...form.elements].some((node) => node.name && isChanged(node))) {
  edits += 1;
  show("saving");
}
document.addEventListener("DOMContentLoaded", () => isUnsaved() && htmx.trigger(form, "change"));

// Nothing on this page can be saved any more, and the person must know before more is typed.
function giveUp(templateId) {
  if (isGone) return;
  isGone = true;
  show("unsaved");
  const notice = document.getElementById(templateId).content.firstElementChild.cloneNode(true);
  notice.dataset.from = templateId;
  document.getElementById("messages").append(notice);
}

form.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt !== form) return;
  const { parameters } = event.detail;
  // htmx speaks for the button that has the focus: its address and its value. A save is nobody's button.
  event.detail.path = form.dataset.saveUrl;
  for (const holder of form.querySelectorAll("input[type=hidden][data-picked]")) parameters[holder.name] = holder.value;
  // The plain buttons say what to change; with scripts it is changed already.
  for (const button of form.querySelectorAll("button[data-plain]")) delete parameters[button.name];
  seq += 1;
  parameters.seq = String(seq);
  sending = edits;
});

form.addEventListener("htmx:beforeOnLoad", (event) => {
  // Signed out meanwhile: following to the sign-in page would take along what was typed since.
  const target = event.detail.xhr.getResponseHeader("HX-Redirect") ?? "";
  if (!target.startsWith(form.dataset.signInUrl)) return;
  event.preventDefault();
  giveUp("say-unsaved");
});

form.addEventListener("htmx:responseError", (event) => {
  if (event.detail.requestConfig.elt !== form) return;
  const { status } = event.detail.xhr;
  if (status !== 403 && status !== 404) return;
  // Said here, more exactly than for other pages.
  event.stopPropagation();
  if (status === 404) document.getElementById("post-button").disabled = true;
  giveUp(status === 404 ? "say-gone" : "say-unsaved");
});

form.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig.elt !== form) return;
  const { status } = event.detail.xhr;
  if (status !== 409 && status !== 422) {
    // Older than what the person has done since: shown, it would undo that. The save that waits brings a newer one.
    if (isUnsent()) event.detail.shouldSwap = false;
    return;
  }
  // These say why nothing was saved; the answer itself names where it goes.
  event.detail.shouldSwap = true;
  event.detail.isError = false;
  if (status !== 409) return;
  isGone = true;
  document.getElementById("post-button").disabled = true;
});

form.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt !== form) return;
  const { status } = event.detail.xhr;
  if (status >= 200 && status < 300 && !isGone) {
    saved = sending;
    show(isUnsaved() ? "saving" : "saved");
    return;
  }
  show("unsaved");
  if (status === 0 || status >= 500) setTimeout(() => isUnsaved() && !isGone && htmx.trigger(form, "change"), RETRY_MS);
});

function sendLast() {
  if (isGone || !isUnsaved()) return;
  seq += 1;
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") data.append(name, value);
  data.set("seq", String(seq));
  navigator.sendBeacon(form.dataset.saveUrl, data);
}
// beforeunload comes before the next page is asked for, so returning at once finds everything; the other two are
// for browsers that only freeze the page. What is sent twice is the same, and is numbered.
addEventListener("beforeunload", sendLast);
addEventListener("pagehide", sendLast);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && sendLast());

form.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("data-enter")) {
    event.preventDefault();
    return;
  }
  // The form carries everything itself, as the newest save of this page.
  seq += 1;
  field("seq").value = String(seq);
  isGone = true;
});

// Back and forward must not show a frozen page: TikTok is asked afresh at every opening.
addEventListener("pageshow", (event) => event.persisted && location.reload());

// The morph leaves alone what the person holds: a box that is just being used is shut once it is let go.
const { beforeAttributeUpdated } = Idiomorph.defaults.callbacks;
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node, kind) => {
  if (name === "disabled" && kind === "update" && node === document.activeElement) {
    node.addEventListener("blur", () => (node.disabled = true), { once: true });
    return false;
  }
  return beforeAttributeUpdated(name, node, kind);
};
