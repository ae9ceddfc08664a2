// The dropdown that can say why an option is not available: a select-only combobox (ARIA APG) on server-rendered markup.
// All state lives in the DOM and all listeners on `document`, so a fragment swapped in by htmx works at once.
//
//   .listbox[data-listbox]
//     select.listbox__native | input[type=hidden]     holds the value and fires `change`
//     button[role=combobox][aria-controls]  >  [data-listbox-value]
//     ul[role=listbox][hidden]  >  li[role=option][id][data-value][aria-selected][aria-disabled]
//
// A disabled option can be reached and read, never chosen. Tab closes without choosing, unlike a native select: a
// visibility must be picked on purpose, not passed by.

const TYPEAHEAD_MS = 600;
let typed = "";
let typedAt = 0;

const rootOf = (node) => node.closest?.("[data-listbox]");
const buttonOf = (root) => root.querySelector("[role=combobox]");
const listOf = (root) => root.querySelector("[role=listbox]");
const optionsOf = (root) => [...root.querySelectorAll("[role=option]")];
const holderOf = (root) => root.querySelector("select, input[type=hidden]");
const isOpen = (root) => buttonOf(root).getAttribute("aria-expanded") === "true";
const activeOf = (root) => root.querySelector("[role=option][data-active]");
const labelOf = (option) => (option.querySelector("[data-listbox-label]") ?? option).textContent.trim();

function setActive(root, option) {
  activeOf(root)?.removeAttribute("data-active");
  if (!option) {
    buttonOf(root).removeAttribute("aria-activedescendant");
    return;
  }
  option.setAttribute("data-active", "");
  buttonOf(root).setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function open(root) {
  for (const other of document.querySelectorAll("[data-listbox]")) if (other !== root && isOpen(other)) close(other);
  const list = listOf(root);
  list.hidden = false;
  buttonOf(root).setAttribute("aria-expanded", "true");
  const room = buttonOf(root).getBoundingClientRect();
  const isTight = innerHeight - room.bottom < list.offsetHeight + 8 && room.top > innerHeight - room.bottom;
  list.dataset.placement = isTight ? "above" : "below";
  setActive(root, root.querySelector("[role=option][aria-selected=true]") ?? optionsOf(root)[0]);
}

function close(root) {
  typed = "";
  listOf(root).hidden = true;
  buttonOf(root).setAttribute("aria-expanded", "false");
  setActive(root, null);
}

function choose(root, option) {
  if (!option || option.getAttribute("aria-disabled") === "true") return;
  for (const each of optionsOf(root)) each.setAttribute("aria-selected", String(each === option));
  buttonOf(root).querySelector("[data-listbox-value]").textContent = labelOf(option);
  buttonOf(root).removeAttribute("data-empty");
  close(root);
  const holder = holderOf(root);
  if (holder.value === option.dataset.value) return;
  holder.value = option.dataset.value;
  holder.dispatchEvent(new Event("change", { bubbles: true }));
}

function step(root, by) {
  const options = optionsOf(root);
  const at = options.indexOf(activeOf(root));
  setActive(root, options[Math.min(options.length - 1, Math.max(0, at + by))]);
}

function typeahead(root, key) {
  const now = performance.now();
  typed = now - typedAt > TYPEAHEAD_MS ? key : typed + key;
  typedAt = now;
  const options = optionsOf(root);
  // One letter again and again walks through the options that begin with it.
  const isRepeat = [...typed].every((letter) => letter === typed[0]);
  const wanted = (isRepeat ? typed[0] : typed).toLowerCase();
  const from = options.indexOf(activeOf(root)) + (isRepeat ? 1 : 0);
  const inOrder = [...options.slice(from), ...options.slice(0, from)];
  const hit = inOrder.find((option) => labelOf(option).toLowerCase().startsWith(wanted));
  if (hit) setActive(root, hit);
}

const isTyping = () => typed !== "" && performance.now() - typedAt <= TYPEAHEAD_MS;
const isPrintable = (event) => event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;

function onClosedKey(root, event) {
  const options = optionsOf(root);
  if (["ArrowDown", "ArrowUp", "Enter", " "].includes(event.key)) open(root);
  else if (event.key === "Home" || event.key === "End") {
    open(root);
    setActive(root, event.key === "Home" ? options[0] : options.at(-1));
  } else if (isPrintable(event)) {
    open(root);
    typeahead(root, event.key);
  } else return;
  event.preventDefault();
}

function onOpenKey(root, event) {
  const options = optionsOf(root);
  if (event.key === "Tab") {
    close(root);
    return;
  }
  if (event.key === "ArrowDown") step(root, 1);
  else if (event.key === "ArrowUp" && event.altKey) choose(root, activeOf(root));
  else if (event.key === "ArrowUp") step(root, -1);
  else if (event.key === "PageDown") step(root, 10);
  else if (event.key === "PageUp") step(root, -10);
  else if (event.key === "Home") setActive(root, options[0]);
  else if (event.key === "End") setActive(root, options.at(-1));
  else if (event.key === "Escape") close(root);
  else if (event.key === "Enter" || (event.key === " " && !isTyping())) choose(root, activeOf(root));
  else if (isPrintable(event)) typeahead(root, event.key);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("keydown", (event) => {
  const root = event.target.matches?.("[role=combobox]") && rootOf(event.target);
  if (!root || event.target.disabled) return;
  if (isOpen(root)) onOpenKey(root, event);
  else onClosedKey(root, event);
});

document.addEventListener("click", (event) => {
  const root = rootOf(event.target);
  if (!root) return;
  const option = event.target.closest("[role=option]");
  if (option) choose(root, option);
  else if (event.target.closest("[role=combobox]")) (isOpen(root) ? close : open)(root);
});

// The focus stays on the button while a pointer is busy in the list.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.("[data-listbox] [role=listbox]")) event.preventDefault();
});

document.addEventListener("mousemove", (event) => {
  const option = event.target.closest?.("[data-listbox] [role=option]");
  if (option && !option.hasAttribute("data-active")) setActive(rootOf(option), option);
});

document.addEventListener("focusout", (event) => {
  const root = rootOf(event.target);
  if (root && isOpen(root) && !root.contains(event.relatedTarget)) close(root);
});
