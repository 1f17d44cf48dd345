(function () {
  "use strict";
  var page = document.documentElement;
  page.classList.add("script");

  // Sorting: by the value behind a number, or by the words of a name.
  function valueOf(cell) {
    var data = cell.querySelector("data");
    return data ? Number(data.value) : cell.textContent.trim();
  }
  document.querySelectorAll("table.sortable").forEach(function (table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      head.querySelector("button").addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending" || (column > 0 && !head.hasAttribute("aria-sort"));
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        var rows = Array.prototype.slice.call(table.tBodies[0].rows);
        rows.sort(function (a, b) {
          var x = valueOf(a.cells[column]), y = valueOf(b.cells[column]);
          var order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
          return down ? -order : order;
        });
        rows.forEach(function (row) { table.tBodies[0].appendChild(row); });
      });
    });
  });

  // A state chosen from the list or on the map: its row is marked and its numbers stand beside the list.
  var select = document.getElementById("state");
  if (select) {
    var chosen = document.getElementById("chosen");
    var show = function (scroll) {
      document.querySelectorAll("tr.chosen").forEach(function (row) { row.classList.remove("chosen"); });
      chosen.textContent = "";
      var row = select.value && document.querySelector('tr[data-key="' + select.value + '"]');
      if (!row) { return; }
      row.classList.add("chosen");
      var heads = row.closest("table").tHead.rows[0].cells;
      var list = document.createElement("dl");
      for (var i = 1; i < row.cells.length; i += 1) {
        var box = document.createElement("div"), name = document.createElement("dt"), value = document.createElement("dd");
        name.textContent = heads[i].textContent.trim();
        value.textContent = row.cells[i].textContent.trim();
        box.append(name, value);
        list.append(box);
      }
      chosen.append(list);
      if (scroll) { select.scrollIntoView({ block: "center" }); }
    };
    select.addEventListener("change", function () { show(false); });
    document.querySelectorAll("#states-map [data-tip]").forEach(function (tile) {
      var option = Array.prototype.find.call(select.options, function (one) {
        return one.value && tile.getAttribute("data-tip").indexOf(one.text + ":") === 0;
      });
      if (!option) { return; }
      tile.setAttribute("data-state", option.value);
      tile.addEventListener("click", function () { select.value = option.value; show(true); });
    });
    show(false);
  }

  // What a mark says when it is pointed at; the same numbers stand in the tables.
  var tip = document.getElementById("tip");
  document.addEventListener("pointerover", function (event) {
    var mark = event.target.closest && event.target.closest("[data-tip]");
    tip.hidden = !mark;
    if (mark) { tip.textContent = mark.getAttribute("data-tip"); }
  });
  document.addEventListener("pointermove", function (event) {
    if (tip.hidden) { return; }
    tip.style.left = Math.max(8, Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8)) + "px";
    tip.style.top = Math.max(8, event.clientY - tip.offsetHeight - 12) + "px";
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { tip.hidden = true; } });

  // On paper all is open.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.filter.call(document.querySelectorAll("details"), function (one) { return !one.open; });
    opened.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () { opened.forEach(function (one) { one.open = false; }); });
}());
