// Choosing an account or a video: the pressed button's value goes into the form, which saves itself.

const form = document.getElementById("post-form");
let focusAfter = "";

function pick(name, value) {
  // What was pressed goes away with the answer; a focus that goes with it comes back where the choice can be changed.
  focusAfter = name === "account" ? "account-change" : "video-change";
  const holder = form.querySelector(`input[type=hidden][name=${name}]`);
  holder.value = value;
  holder.dispatchEvent(new Event("change", { bubbles: true }));
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pick]");
  if (!button) return;
  event.preventDefault();
  button.closest("details")?.removeAttribute("open");
  pick(button.name, button.value);
});

// From other scripts: { name, value }.
form.addEventListener("pick", (event) => pick(event.detail.name, event.detail.value));

form.addEventListener("htmx:afterSettle", () => {
  if (!focusAfter) return;
  if (document.activeElement === document.body) document.getElementById(focusAfter)?.focus();
  focusAfter = "";
});
