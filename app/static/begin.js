document.documentElement.classList.add("cp-scripted");
