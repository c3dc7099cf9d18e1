// What the operator's pages do in the browser by themselves: the look is remembered there, and nowhere else.
"use strict";

const darkSystem = matchMedia("(prefers-color-scheme: dark)");

window.office = {
  keep(name, value) {
    document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=strict`;
  },
  turnLook() {
    this.keep("look", document.body.classList.contains("body--dark") ? "light" : "dark");
    location.reload();
  },
};

window.office.keep("seen", darkSystem.matches ? "dark" : "light"); // charts are drawn for it
