// Shows what changed without being asked: when the server says that something was written, the page is read again and what it shows takes the place of what stood there. At most once in five seconds, and never under
// the hands of somebody who fills in a form, nor in place of an answer that is given once. Without it, or without a script at all, a page shows what was so when it was opened.
const pause = 5000;
const main = document.querySelector("main");
let last = 0;
let timer;
let shown = main?.innerHTML; // as the server sent it: times.js has changed the times on the page since

function isInUse() {
  return document.hidden || main.querySelector("[data-still], output:not(:empty)") !== null || main.querySelector(".acts details[open]") !== null || (main.contains(document.activeElement) && document.activeElement.matches("input, select, textarea"));
}

async function read() {
  timer = undefined;
  last = Date.now();
  if (isInUse()) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) return;
  const read = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (!read || isInUse() || read.innerHTML === shown) return;
  shown = read.innerHTML;
  main.replaceChildren(...read.childNodes);
}

function changed() {
  timer ??= setTimeout(() => read().catch(() => {}), Math.max(0, last + pause - Date.now()));
}

// A page that nobody sees asks for nothing: a browser has six connections to a server, and each page that is told of changes has one.
let source;

function watch() {
  if (document.hidden) {
    source?.close();
    source = undefined;
  } else if (!source) {
    source = new EventSource("/console/changes");
    source.addEventListener("changed", changed);
  }
}

if (main && document.querySelector("header")) {
  watch();
  document.addEventListener("visibilitychange", () => {
    watch();
    if (!document.hidden) changed();
  });
}
