// What the pages cannot do without a script: requests appear as they come, and
// texts are copied at a press. Everything else is forms and links.
"use strict";

// Adds the rows that the server sends, newest on top.
function follow(rows) {
  const said = document.getElementById("live");
  const most = 500;
  let came = 0;
  const query = new URLSearchParams(location.search);
  query.delete("note");
  query.set("since", rows.dataset.last);
  const stream = new EventSource(rows.dataset.stream + "?" + query);
  const say = (text) => {
    said.hidden = false;
    if (said.textContent !== text) said.textContent = text;
  };
  stream.addEventListener("open", () => say(came ? "Live, " + came + " new" : "Live: requests appear as they come"));
  stream.addEventListener("error", () => say("Not live: the connection is lost and tried again"));
  stream.addEventListener("missed", () => say("Live, but requests came too fast to show all; load the page again"));
  stream.addEventListener("request", (event) => {
    if (rows.querySelector('[data-n="' + Number(event.lastEventId) + '"]')) return;
    rows.insertAdjacentHTML("afterbegin", event.data); // rendered and escaped by the server
    while (rows.rows.length > most) rows.deleteRow(-1);
    came++;
    document.getElementById("empty")?.remove();
    say("Live, " + came + " new");
  });
}

// Puts a button beside a text that is meant to be copied.
function offerCopy(text) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy " + text.textContent.trim().slice(0, 60));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  text.after(button);
}

const rows = document.getElementById("rows");
if (rows && window.EventSource) follow(rows);
document.querySelectorAll("[data-copy]").forEach(offerCopy);
