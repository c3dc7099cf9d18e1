// What the operator's pages do in the browser by themselves: the look is remembered there, and nowhere else.
"use strict";

window.office = {
  turnLook() {
    const look = document.body.classList.contains("body--dark") ? "light" : "dark";
    document.cookie = `look=${look}; path=/; max-age=31536000; samesite=strict`;
    location.reload();
  },
};
