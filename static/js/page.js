// Every page: the reader's choice of colours, text size and width, dialogs, menus. Loaded before the page is painted.
(() => {
  const root = document.documentElement;
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const choices = { theme: ["auto", "light", "dark"], size: ["normal", "large", "largest"], wide: ["off", "on"] };

  const apply = (name, value) => {
    if (value && value !== choices[name][0]) root.dataset[name] = value;
    else delete root.dataset[name];
  };

  root.classList.add("js");
  for (const name of Object.keys(choices)) apply(name, stored(`ihl:${name}`));

  const choose = (name, value) => {
    apply(name, value);
    try {
      localStorage.setItem(`ihl:${name}`, value);
    } catch {
      // A browser that stores nothing still shows the choice on this page.
    }
  };

  document.addEventListener("change", (event) => {
    const name = event.target.dataset.display;
    if (name) choose(name, event.target.value);
  });

  const showToggles = () => {
    for (const button of document.querySelectorAll("[data-toggle]")) {
      button.ariaPressed = String(button.dataset.toggle in root.dataset);
    }
  };
  document.addEventListener("DOMContentLoaded", showToggles);
  document.addEventListener("htmx:after:swap", showToggles);

  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.(".menu") || !event.target.open) return;
    for (const input of event.target.querySelectorAll("[data-display]")) {
      const name = input.dataset.display;
      input.checked = input.value === (root.dataset[name] ?? choices[name][0]);
    }
  }, true);

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-toggle]");
    if (toggle) {
      const [off, on] = choices[toggle.dataset.toggle];
      choose(toggle.dataset.toggle, toggle.ariaPressed === "true" ? off : on);
      showToggles();
    }
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    } else if (event.target.closest("[data-close]") || event.target.matches("dialog")) {
      event.preventDefault();
      event.target.closest("dialog").close();
    }
    for (const menu of document.querySelectorAll(".menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  // The token in a page grows old when somebody signs in again in another tab; the cookie's does not.
  document.addEventListener("htmx:config:request", (event) => {
    const { request } = event.detail.ctx;
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
    if (!token) return;
    request.body?.delete("csrfmiddlewaretoken");
    request.headers["X-CSRFToken"] = token;
  });

  // On a machine that others use too, nothing stays behind: not even what the server has not got, once asked.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-sign-out]")) return;
    let kept = [];
    try {
      kept = Object.keys(localStorage).filter((key) => key.startsWith("ihl:draft:"));
    } catch {
      return; // A browser that stores nothing has kept nothing.
    }
    if (kept.length && !confirm(event.target.dataset.signOut)) event.preventDefault();
    else for (const key of kept) localStorage.removeItem(key);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll(".menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
