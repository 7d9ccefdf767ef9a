// Loaded before the page is painted: pages that draw charts reserve room for them only when a script can draw.
document.documentElement.classList.add("cp-scripted");
