// Caption help while somebody types: counts and marks a text as TikTok reads it, and adds saved hashtags.
// composer/captions.py says the same on the server; a test runs both over the same texts.

const SPACE = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WORDS = new RegExp(`[^${SPACE}]+`, "g");
const ENDS_IN_WORD = new RegExp(`[^${SPACE}]$`);
const TAG = /^[#@](?=[^]*[^\x00-/:-@[-`{-\x9f\xad\u200b-\u200f\u2060-\u206f\ufe00-\ufe0f\ufeff])/;
const TAIL = /[.,;:!?)\]}'"]+$/;
const LAST_CLUSTERS = 40;

export function parseCaption(text) {
  const spans = [...text.matchAll(WORDS)]
    .filter(([word]) => TAG.test(word))
    .map(({ 0: word, index }) => ({
      kind: word[0] === "#" ? "hashtag" : "mention",
      start: index,
      end: index + word.length,
      text: word,
    }));
  const once = (kind) => [...new Set(spans.filter((span) => span.kind === kind).map((span) => span.text))];
  return { hashtags: once("hashtag"), mentions: once("mention"), spans };
}

// Without Intl.Segmenter at least no emoji is torn in two.
const clusters = (text) =>
  Intl.Segmenter ? Array.from(new Intl.Segmenter().segment(text), (each) => each.segment) : Array.from(text);

export function suggestCut(text, limit) {
  const fitting = [];
  let units = 0;
  for (const cluster of clusters(text)) {
    units += cluster.length;
    if (units > limit) break;
    fitting.push(cluster);
  }
  const kept = fitting.join("");
  const shown = (fitting.slice(-LAST_CLUSTERS).join("").match(WORDS) ?? []).join(" ");
  const lastWords = fitting.length > LAST_CLUSTERS ? `…${shown}` : shown;
  return { kept, dropped: text.slice(kept.length), lastWords };
}

export function listHashtags(text) {
  const found = new Map();
  for (const hashtag of parseCaption(text).hashtags) {
    const bare = hashtag.replace(TAIL, "");
    if (!found.has(bare.toLowerCase())) found.set(bare.toLowerCase(), bare);
  }
  return [...found.values()];
}

export function addHashtags(caption, hashtags) {
  const known = new Set(listHashtags(caption).map((each) => each.toLowerCase()));
  const missing = listHashtags(hashtags).filter((each) => !known.has(each.toLowerCase()));
  if (missing.length === 0) return caption;
  return caption + (ENDS_IN_WORD.test(caption) ? " " : "") + missing.join(" ");
}

// --- The page -------------------------------------------------------------------------------------------------

const captionField = () => document.querySelector("[data-caption]");

const countOf = (field) =>
  document.getElementById(field.dataset.countedBy) ?? document.querySelector("[data-caption-count]");
const limitOf = (field) => Number(countOf(field).dataset.limit);

function showCount(field) {
  const count = countOf(field);
  count.querySelector("[data-caption-used]").textContent = String(field.value.length);
  count.toggleAttribute("data-over", field.value.length > limitOf(field));
}

function showMarks(text) {
  const marks = document.querySelector("[data-caption-marks]");
  if (!marks) return;
  const parts = parseCaption(text);
  for (const line of marks.querySelectorAll("[data-marks]")) {
    const words = parts[line.dataset.marks];
    line.hidden = words.length === 0;
    line.querySelector("[data-marks-list]").replaceChildren(
      ...words.flatMap((word) => {
        const mark = document.createElement("span");
        mark.className = "tag";
        mark.textContent = word;
        return [mark, " "];
      }),
    );
  }
  const limit = limitOf(captionField());
  const line = marks.querySelector("[data-caption-cut]");
  line.hidden = text.length <= limit;
  line.querySelector("[data-caption-end]").textContent = line.hidden ? "" : suggestCut(text, limit).lastWords;
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-caption], [data-counted-by]")) return;
  showCount(target);
  if (!target.matches("[data-caption]")) return;
  showMarks(target.value);
  const mirror = document.querySelector("[data-caption-mirror]");
  if (mirror) mirror.textContent = target.value;
});

// Only shown, never cut: what is too much is selected, and the person deletes it or does not.
function selectTooMuch() {
  const field = captionField();
  const { kept } = suggestCut(field.value, limitOf(field));
  field.focus();
  field.setSelectionRange(kept.length, field.value.length);
}

function append(hashtags, said) {
  const field = captionField();
  const added = addHashtags(field.value, hashtags).slice(field.value.length);
  said.textContent = added ? `Added ${added.trim()}` : "The caption has them already.";
  if (!added) return;
  const before = document.activeElement;
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  // Typed rather than set, so that undo takes it back.
  if (!document.execCommand("insertText", false, added)) {
    field.setRangeText(added);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  before.focus();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-caption-select]")) selectTooMuch();
  const group = event.target.closest("[data-add-hashtags]");
  if (!group) return;
  event.preventDefault();
  append(group.dataset.addHashtags, document.querySelector("[data-hashtags-said]"));
});

// --- Saving and deleting groups ---------------------------------------------------------------------------------

const isName = (node) => node instanceof Element && node.matches("[data-group-name]");

// Naming a group is no edit of the draft: the form that saves itself is not to hear of it.
for (const type of ["input", "change"]) {
  document.addEventListener(type, (event) => isName(event.target) && event.stopPropagation(), true);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !isName(event.target)) return;
  event.preventDefault();
  document.querySelector("[data-group-save]").click();
});

// An answer about groups is shown whatever the draft is doing, also when it says why nothing was saved. Answers to
// saves of the draft leave the groups alone: they may have been written before a group was saved.
document.addEventListener(
  "htmx:beforeSwap",
  (event) => {
    if (event.target.id !== "hashtag-groups") return;
    event.stopPropagation();
    event.target.removeAttribute("data-kept");
    if (event.detail.xhr.status !== 422) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  },
  true,
);

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  if (xhr.status !== 200 || !elt.matches("[data-group-save]")) return;
  // The morph leaves alone what has the focus.
  document.querySelector("[data-group-name]").value = "";
});

document.addEventListener("htmx:afterSettle", (event) => {
  // The pressed button went with its group.
  if (event.target.id !== "hashtag-groups" || document.activeElement !== document.body) return;
  event.target.querySelector("summary").focus();
});
