// Loaded before the page is painted: pages that draw charts keep room for them only where a script can draw.
// Should the script for charts not come, or not in time, the tables are shown again.
(() => {
  const page = document.documentElement.classList;
  const giveUp = () => page.remove("cp-scripted");

  page.add("cp-scripted");
  addEventListener("error", (event) => event.target instanceof HTMLScriptElement && giveUp(), true);
  setTimeout(giveUp, 8000);
})();
