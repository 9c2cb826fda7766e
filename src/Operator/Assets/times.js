// Shows times in the browser's zone, with the name of the zone. Without scripts a page has them in UTC.
const parts = new Intl.DateTimeFormat("en-US", { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" });

function here(time) {
  const { year, month, day, hour, minute, second, timeZoneName } = Object.fromEntries(parts.formatToParts(time).map(({ type, value }) => [type, value]));
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${timeZoneName}`;
}

function show() {
  for (const time of document.querySelectorAll("time[datetime]:not([title])")) {
    const at = new Date(time.dateTime);
    if (!time.textContent.endsWith(" UTC") || Number.isNaN(at.getTime())) continue;
    time.title = time.textContent;
    time.textContent = here(at);
  }
}

show();
new MutationObserver(show).observe(document.body, { childList: true, subtree: true });
