(()=>{let e=document.documentElement.classList,t=()=>e.remove("cp-scripted");e.add("cp-scripted"),addEventListener("error",c=>c.target instanceof HTMLScriptElement&&t(),!0),setTimeout(t,8e3)})();
