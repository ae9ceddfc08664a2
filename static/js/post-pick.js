// Choosing an account or a video: the pressed button's value goes into the form, which saves itself.

const form = document.getElementById("post-form");
let focusAfter = "";

export function pick(name, value) {
  const holder = form.querySelector(`input[type=hidden][name=${name}]`);
  holder.value = value;
  holder.dispatchEvent(new Event("change", { bubbles: true }));
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pick]");
  if (!button) return;
  event.preventDefault();
  button.closest("details")?.removeAttribute("open");
  // The button goes away with the answer; the focus goes to where the choice can be changed.
  focusAfter = button.name === "account" ? "account-change" : "video-change";
  pick(button.name, button.value);
});

form.addEventListener("htmx:afterSettle", () => {
  if (!focusAfter) return;
  const isLost = document.activeElement === document.body || !document.activeElement.isConnected;
  if (isLost || document.activeElement.closest("[data-pick]")) document.getElementById(focusAfter)?.focus();
  focusAfter = "";
});
