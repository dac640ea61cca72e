"use strict";
(function () {
  var root = document.documentElement;

  // The appearance that was chosen, where the browser keeps anything for a page from a file.
  var key = "erp-report-theme";
  function kept(value) {
    try {
      if (value === undefined) return localStorage.getItem(key);
      localStorage.setItem(key, value);
    } catch (error) { /* not for pages from files, or forbidden */ }
    return null;
  }
  var theme = kept() || "auto";
  root.dataset.theme = theme;
  document.querySelectorAll("input[name=theme]").forEach(function (input) {
    input.checked = input.value === theme;
    input.addEventListener("change", function () {
      root.dataset.theme = input.value;
      kept(input.value);
    });
  });

  document.querySelectorAll("[data-script]").forEach(function (element) { element.hidden = false; });
  var stale = document.querySelector(".stale");
  if (stale) stale.hidden = Date.now() - Date.parse(stale.dataset.made) < 25 * 3600 * 1000;

  document.querySelectorAll(".command button").forEach(function (button) {
    var label = button.textContent;
    button.addEventListener("click", function () {
      var code = button.parentElement.querySelector("code");
      var range = document.createRange();
      range.selectNodeContents(code);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      function done() {
        button.textContent = button.dataset.done;
        setTimeout(function () { button.textContent = label; }, 1500);
      }
      if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(done, function () {});
    });
  });

  var table = document.querySelector("table[data-sortable]");
  if (!table) return;
  var body = table.tBodies[0];
  var rows = Array.from(body.rows);
  var headings = Array.from(table.tHead.rows[0].cells);

  function value(row, column) {
    var text = row.cells[column].dataset.sort;
    if (text === undefined || text === "") return null;
    return headings[column].dataset.kind === "text" ? text : Number(text);
  }
  // What has no value stands last, whichever way it is sorted.
  function compare(column, sign) {
    return function (one, other) {
      var a = value(one, column), b = value(other, column);
      if (a === null || b === null) return (a === null) - (b === null);
      return sign * (typeof a === "string" ? a.localeCompare(b) : a - b);
    };
  }
  headings.forEach(function (heading, column) {
    var button = heading.querySelector("button");
    button.addEventListener("click", function () {
      var now = heading.getAttribute("aria-sort");
      var down = now === "ascending" || (now === null && heading.dataset.first === "descending");
      headings.forEach(function (one) { one.removeAttribute("aria-sort"); });
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort(compare(column, down ? -1 : 1)).forEach(function (row) { body.appendChild(row); });
    });
  });

  var search = document.getElementById("search");
  var boxes = Array.from(document.querySelectorAll("input[name=severity]"));
  var matches = document.getElementById("matches");
  var nothing = document.getElementById("nothing");
  function filter() {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var wanted = boxes.filter(function (box) { return box.checked; }).map(function (box) { return box.value; });
    var shown = 0;
    rows.forEach(function (row) {
      var fits = wanted.includes(row.dataset.severity) &&
        words.every(function (word) { return row.dataset.names.includes(word); });
      row.hidden = !fits;
      if (fits) shown += 1;
    });
    nothing.hidden = shown > 0;
    matches.textContent = matches.dataset.text.replace("{shown}", shown).replace("{total}", rows.length);
  }
  search.addEventListener("input", filter);
  boxes.forEach(function (box) { box.addEventListener("change", filter); });
  filter();
})();
