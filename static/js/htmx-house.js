// House rules for every htmx request: what a morph may not touch, and what the page says when no answer comes.

// A fragment comes back while somebody is still typing or has a list open: what they are doing stays as it is.
const OWNED_BY_THE_PERSON = new Set(["aria-expanded", "aria-activedescendant", "open", "data-active", "data-placement"]);

if (window.Idiomorph) {
  Idiomorph.defaults.ignoreActiveValue = true;
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => {
    // What is not there yet is nobody's: a button that becomes a dropdown only now must say that it is closed.
    // A part that is only just being made has no content yet, and opens as it was sent.
    const isNew = (name === "aria-expanded" && !node.hasAttribute(name)) || (name === "open" && !node.hasChildNodes());
    if (OWNED_BY_THE_PERSON.has(name) && !isNew) return false;
    return !(name === "hidden" && node.matches("[data-listbox] [role=listbox]"));
  };
  // What is at work, or is changed by answers of its own only, says so itself and is left alone.
  const LEFT_ALONE = "[data-busy], [data-kept]";
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (node) => !(node instanceof Element && node.matches(LEFT_ALONE));
}

function say(templateId) {
  const messages = document.getElementById("messages");
  const template = document.getElementById(templateId);
  if (!messages || !template || messages.querySelector(`[data-from="${templateId}"]`)) return;
  const notice = template.content.firstElementChild.cloneNode(true);
  notice.dataset.from = templateId;
  messages.append(notice);
}

document.addEventListener("htmx:sendError", () => say("say-unreachable"));
document.addEventListener("htmx:timeout", () => say("say-unreachable"));
document.addEventListener("htmx:responseError", (event) => {
  // 4xx fragments of our own carry their message; what is left has no words of its own.
  const { status } = event.detail.xhr;
  if (status >= 500) say("say-failed");
  if (status === 403) say("say-signed-out");
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) document.querySelector('#messages [data-from="say-unreachable"]')?.remove();
});
