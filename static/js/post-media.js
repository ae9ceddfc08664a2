// Takes files into the draft as they become ready, keeps photos and a video apart, and loads what a part needs.
// The form's own fields are the truth: whatever is changed here is sent whole with the next save.

const form = document.getElementById("post-form");
const loaded = new Set();

const kindNow = () => form.elements.namedItem("kind").value;
const photoFields = () => [...form.querySelectorAll("input[name=photos]")];
const holdsNow = () => {
  if (kindNow() === "photo") return photoFields().length ? "photo" : "";
  return form.querySelector("input[type=hidden][name=media]").value ? "video" : "";
};

function say(templateId, text) {
  const notice = document.getElementById(templateId).content.firstElementChild.cloneNode(true);
  notice.querySelector(".notice__text").textContent = text;
  document.getElementById("media-said").replaceChildren(notice);
}

function addPhoto(pk) {
  if (photoFields().some((field) => field.value === pk)) return;
  const most = Number(document.getElementById("media-body").dataset.most);
  if (photoFields().length >= most) {
    say("say-full", `There are ${most} already. Take one out first; the other is in your library.`);
    return;
  }
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "photos", value: pk });
  const list = document.getElementById("photos");
  if (list) {
    const place = document.createElement("li");
    Object.assign(place, { id: `photo-${pk}`, className: "photo photo--coming" });
    place.append(field);
    list.append(place);
  } else document.getElementById("media-body").append(field);
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function takeIn(media, kind) {
  const holds = holdsNow();
  if (holds && holds !== kind) {
    const [it, choice] = kind === "photo" ? ["The photo", "Photos"] : ["The video", "Video"];
    say("say-mixed", `${it} is in your library. Choose ${choice} above to post it instead; what is chosen now stays.`);
    return;
  }
  const radio = document.getElementById(`kind-${kind}`);
  if (radio.disabled) return;
  document.getElementById("media-said").replaceChildren();
  radio.checked = true;
  if (kind === "photo") addPhoto(media);
  else form.dispatchEvent(new CustomEvent("pick", { detail: { name: "media", value: media } }));
}

document.addEventListener("greenroom:media", ({ detail }) => {
  if (detail.isOwn) takeIn(String(detail.media), detail.kind);
  // Come by another way, it is offered like every file of the library; what is chosen stays.
  else form.querySelector("input[name=seq]").dispatchEvent(new Event("change", { bubbles: true }));
});

form.addEventListener("change", (event) => {
  if (event.target.name === "kind") document.getElementById("media-said").replaceChildren();
});

// What only photos or only a video needs comes along with them.
function loadModules() {
  for (const { dataset } of document.querySelectorAll("[data-module]")) {
    if (loaded.has(dataset.module)) continue;
    loaded.add(dataset.module);
    import(dataset.module);
  }
}
loadModules();
document.addEventListener("htmx:afterSettle", loadModules);
