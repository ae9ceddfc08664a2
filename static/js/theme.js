// The light/dark switch. Loaded in <head> without defer, so that the page is never painted in the wrong colours first.
// The system's wish counts until somebody presses the switch; pressing back to the system's colour forgets the choice.
(() => {
  const KEY = "greenroom-theme";
  const root = document.documentElement;
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

  function remembered() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage is blocked: the switch then lasts for this page only
    }
  }

  function remember(theme) {
    try {
      if (theme) localStorage.setItem(KEY, theme);
      else localStorage.removeItem(KEY);
    } catch {
      /* see remembered() */
    }
  }

  function apply(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  }

  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark.matches);

  function describe() {
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.setAttribute("aria-pressed", String(isDark()));
    }
  }

  root.dataset.js = ""; // lets the stylesheet hide what only helps without scripts
  apply(remembered());
  document.addEventListener("DOMContentLoaded", describe);
  systemIsDark.addEventListener("change", describe);

  addEventListener("storage", (event) => {
    if (event.key === KEY) {
      apply(event.newValue);
      describe();
    }
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const wanted = isDark() ? "light" : "dark";
    const isSystems = (wanted === "dark") === systemIsDark.matches;
    remember(isSystems ? null : wanted);
    apply(isSystems ? null : wanted);
    describe();
  });
})();
