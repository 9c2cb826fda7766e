// Shows replies as they are made. Without it, or without a script at all, a page shows what is there when it is read, and is read again while something is under way.
const isInUse = (part) => part.querySelector("details[open] form") !== null || (part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea"));

// A turn in which somebody fills in a form stays, and is shown as it is when that is sent.
function turnByTurn(list, now) {
  for (const turn of [...now.children]) {
    const shown = document.getElementById(turn.id);
    if (!shown) list.append(turn);
    else if (!isInUse(shown)) shown.replaceWith(turn);
  }
}

// What changed takes the place of what stood there, part by part: a part that somebody fills in stays.
async function refresh(parts = "[data-part]") {
  const address = document.body.dataset.at; // of the page, whichever form it answers
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (answer.status === 429) return; // what is shown stays, and what is typed
  if (!answer.ok || new URL(answer.url).pathname !== new URL(address, location.href).pathname) return location.assign(address);
  const read = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll(parts)) {
    const now = read.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!now) return location.assign(address);
    if (part.matches(".turns")) turnByTurn(part, now);
    else if (!isInUse(part)) part.replaceChildren(...now.childNodes);
  }
  follow();
}

// A reply that is being made. A browser that is cut off comes again by itself, and says how far it was.
let source;
function follow() {
  const turn = document.querySelector("[data-follow]");
  if (!turn || source?.address === turn.dataset.follow) return;
  source?.close();
  source = new EventSource(turn.dataset.follow);
  source.address = turn.dataset.follow;
  const text = turn.querySelector("[data-text]");
  text.textContent = ""; // it is told from its beginning
  source.addEventListener("replying", () => { text.textContent = ""; });
  source.addEventListener("text", ({ data }) => { text.append(JSON.parse(data).text); });
  for (const end of ["whole", "stopped", "failed"]) {
    source.addEventListener(end, () => over(turn));
  }
  source.addEventListener("error", () => { if (source?.readyState === EventSource.CLOSED) over(turn); });
}

// It is followed no more, whatever is shown of it from now on.
function over(turn) {
  source.close();
  source = undefined;
  delete turn.dataset.follow;
  const status = document.querySelector("[data-over]");
  if (status) status.textContent = status.dataset.over;
  refresh().catch(() => {});
}

// What is said goes off without leaving the page: as soon as it is known where it stands, that is shown. The reply goes on, whether or not anybody listens.
async function say(form) {
  const status = form.querySelector("[role=status]");
  const button = form.querySelector("button:last-of-type");
  button.disabled = true;
  const answer = await fetch(form.action, { method: "POST", body: form.enctype === "multipart/form-data" ? new FormData(form) : new URLSearchParams(new FormData(form)), headers: { Accept: "text/event-stream" } });
  if (!answer.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    button.disabled = false;
    if (answer.redirected) return location.assign(answer.url); // the session is over
    const why = whyNot(await answer.text()) ?? `${answer.status}`;
    if (status) {
      status.className = "refused";
      status.textContent = why;
    } else {
      form.submit();
    }
    return;
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let read = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    read += value;
    const begun = /^event: begun\n(?:id: .*\n)?data: (.*)$/m.exec(read);
    if (begun) {
      const { chat_id, turn } = JSON.parse(begun[1]);
      await reader.cancel();
      location.assign(form.dataset.to ? `${form.dataset.to}?at=${turn}#turn-${turn}` : `/talk/chats/${chat_id}?branch=${turn}#turn-${turn}`);
      return;
    }
  }
  location.reload();
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-say]")) return;
  event.preventDefault();
  say(event.target).catch(() => event.target.submit());
});

// A route's refusal, or that of a page.
function whyNot(text) {
  try {
    const { error } = JSON.parse(text);
    return `${error.code}: ${error.message}`;
  } catch {
    return new DOMParser().parseFromString(text, "text/html").querySelector("[role=alert]")?.textContent;
  }
}

// A sign that ends a line ends what is said, too; with the shift key it is a line.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("form.say textarea")) event.target.form.requestSubmit();
});

// A dialogue: turns appear as they are said, from its events alone. What it has cost is read again when it stands still, and now and then.
const standingEvery = 20_000;
function watch() {
  const dialogue = document.querySelector("[data-watch]");
  if (!dialogue) return;
  const turns = dialogue.querySelector(".turns");
  const shape = document.querySelector("template[data-new-turn]");
  const names = JSON.parse(shape.dataset.names);
  const from = Number(dialogue.dataset.from); // turns before are on another page
  const find = (number) => turns.querySelector(`[data-turn="${number}"]`);
  const past = new Set([...turns.querySelectorAll("[data-turn]:not([data-going])")].map((turn) => turn.dataset.turn));
  const isNew = (turn) => turn >= from && !past.has(`${turn}`);
  for (const turn of turns.querySelectorAll("[data-going]")) turn.querySelector("[data-text]").textContent = ""; // it is told from its beginning

  function begin(number, seat) {
    let turn = find(number);
    if (!turn) {
      const item = shape.content.firstElementChild.cloneNode(true);
      item.id = `turn-${number}`;
      turn = item.querySelector("[data-turn]");
      turn.dataset.turn = number;
      turn.querySelector("[data-name]").textContent = names[seat] ?? shape.dataset.person;
      turn.classList.toggle("persons", seat === undefined);
      turns.append(item);
    }
    return turn;
  }

  let readAt = 0;
  let waiting;
  const stands = (soon) => {
    if (soon) {
      clearTimeout(waiting);
      waiting = undefined;
    }
    waiting ??= setTimeout(() => {
      waiting = undefined;
      readAt = Date.now();
      refresh("[data-part=standing], [data-part=who]").catch(() => {});
    }, soon ? 300 : Math.max(0, readAt + standingEvery - Date.now()));
  };

  const told = new EventSource(dialogue.dataset.watch);
  const received = new Set(); // an event that is sent again after a reconnect has the same id
  const on = (name, act) => told.addEventListener(name, ({ data, lastEventId }) => {
    if (received.has(lastEventId)) return;
    received.add(lastEventId);
    const happened = JSON.parse(data);
    if (happened.seen) {
      for (const seen of document.querySelectorAll("[data-part^='seen-']")) {
        seen.querySelector("[name=turn]").value = happened.seen.turn;
        seen.querySelector("[name=interventions]").value = happened.seen.interventions;
      }
    }
    act(happened);
  });
  on("turn_begun", ({ turn, seat }) => { if (isNew(turn)) begin(turn, seat).querySelector("[data-text]").textContent = ""; });
  on("text", ({ turn, seat, text }) => { if (isNew(turn)) begin(turn, seat).querySelector("[data-text]").append(text); });
  on("said", ({ turn, seat, text }) => {
    if (isNew(turn)) begin(turn, seat).querySelector("[data-text]").textContent = text;
    past.add(`${turn}`);
    stands(true);
  });
  on("turn_ended", ({ turn, state }) => {
    find(turn)?.querySelector("[data-state]")?.remove();
    past.add(`${turn}`);
    stands(state !== "running");
  });
  on("turn_failed", ({ turn, code }) => {
    const state = find(turn)?.querySelector("[data-state]");
    if (state) state.textContent = code;
  });
  for (const name of ["asks", "paused", "resumed", "seat_taken", "seat_left", "stopped", "budget_raised"]) on(name, () => stands(true));
  on("ended", () => {
    told.close();
    stands(true);
  });
}

follow();
watch();
