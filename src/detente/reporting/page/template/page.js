"use strict";
(function () {
  // Charts: the picture in the page stays until the live chart stands, and if that fails.
  var small = window.matchMedia("(max-width: 640px)");

  function draw(place) {
    var name = place.dataset.chart;
    var source = (small.matches && document.getElementById("narrow-" + name)) ||
      document.getElementById("spec-" + name);
    var made = document.createElement("div");
    var spec = JSON.parse(source.textContent);
    // The interpreter needs no eval, which the page's own policy forbids.
    return vegaEmbed(made, spec, { actions: false, renderer: "svg", ast: true })
      .then(function () { place.replaceChildren(made); })
      .catch(function (reason) { note("chart " + name, reason); });
  }

  function drawAll() {
    var places = Array.from(document.querySelectorAll("[data-chart]"));
    return places.reduce(function (before, place) {
      return before.then(function () { return draw(place); });
    }, Promise.resolve()).then(function () {
      document.documentElement.dataset.charts = places.length;
    });
  }
  drawAll();
  small.addEventListener("change", drawAll);

  // Tables: a button in every head sorts, a field above filters.
  function value(row, column) {
    var cell = row.cells[column];
    var text = cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent;
    var number = parseFloat(text.replace(/,/g, "").replace("\u2212", "-"));
    return cell.classList.contains("num") ? (isNaN(number) ? -Infinity : number) : text;
  }

  document.querySelectorAll("table.sortable").forEach(function (table) {
    var heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.append.apply(button, Array.from(head.childNodes));
      head.append(button);
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") !== "descending";
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        var rows = Array.from(table.tBodies[0].rows);
        rows.sort(function (a, b) {
          var x = value(a, column), y = value(b, column);
          var order = typeof x === "number" ? x - y : x.localeCompare(y);
          return down ? -order : order;
        });
        table.tBodies[0].append.apply(table.tBodies[0], rows);
      });
    });
    if (!table.dataset.filter) return;
    var label = document.createElement("label");
    label.className = "filter";
    label.textContent = table.dataset.filter + " ";
    var field = document.createElement("input");
    field.type = "search";
    label.append(field);
    table.parentNode.before(label);
    field.addEventListener("input", function () {
      var wanted = field.value.toLowerCase();
      Array.from(table.tBodies[0].rows).forEach(function (row) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
      });
    });
  });

  // Explanations open by address alone; the Escape key closes them as well.
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && document.querySelector(".opened :target, .opened:target")) {
      location.hash = "closed";
    }
  });

  // Downloads: large tables are stored compressed and unpacked here where the browser can.
  if (window.DecompressionStream) {
    document.querySelectorAll("a[data-compressed]").forEach(function (link) {
      var packed = link.href.slice(link.href.indexOf(",") + 1);
      var name = link.download.replace(/\.gz$/, "");
      link.textContent = link.textContent.replace(/\.gz$/, "");
      link.addEventListener("click", function (event) {
        event.preventDefault();
        var bytes = Uint8Array.from(atob(packed), function (c) { return c.charCodeAt(0); });
        var plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
        new Response(plain).blob().then(function (blob) {
          var address = URL.createObjectURL(new Blob([blob], { type: "text/csv" }));
          var again = document.createElement("a");
          again.href = address;
          again.download = name;
          again.click();
          setTimeout(function () { URL.revokeObjectURL(address); }, 10000);
        }).catch(function (reason) { note("download", reason); });
      });
    });
  }
})();
