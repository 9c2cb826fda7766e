// Says beside a JSON Schema, while it is written, what is wrong with it, and shows the form that it asks for. The server looks at it, by what it will refuse it by.
let timer;

async function look(text) {
  const shown = text.parentElement.querySelector(".look") ?? text.insertAdjacentElement("afterend", Object.assign(document.createElement("div"), { className: "look" }));
  const answer = await fetch("/console/schema-look", { method: "POST", body: new URLSearchParams({ form_code: text.form.elements.form_code.value, schema: text.value }) });
  if (answer.ok) shown.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
}

document.addEventListener("input", (typed) => {
  if (!typed.target.matches("textarea[data-schema]")) return;

  clearTimeout(timer);
  timer = setTimeout(() => look(typed.target).catch(() => {}), 300);
});
