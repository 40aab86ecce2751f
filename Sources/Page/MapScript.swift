/// The page's only script: it draws the map anew, so that points can be pointed at.
enum MapScript {
  /// Texts from the data are only ever set as text.
  static let source: HTML = #"""
    (function () {
      "use strict";
      var source = document.getElementById("map-data");
      if (!source) return;
      var map = JSON.parse(source.textContent);
      var raw = Uint8Array.from(atob(map.data), function (c) { return c.charCodeAt(0); });
      var view = new DataView(raw.buffer), n = map.points;
      function list(part) {
        var values = new Uint16Array(n);
        for (var i = 0; i < n; i++) values[i] = view.getUint16(2 * (part * n + i), true);
        return values;
      }
      var x = list(0), y = list(1), cluster = list(2);
      // Even steps from the first to the last, as the page was made.
      function step(i, count, all) {
        return count < 2 || count >= all ? i : Math.floor(i * (all - 1) / (count - 1));
      }
      var thumbnail = new Map();
      for (var t = 0; t < map.thumbnails; t++) thumbnail.set(step(t, map.thumbnails, n), t);
      var names = [], name = "";
      map.names.forEach(function (entry) { name = name.slice(0, entry[0]) + entry[1]; names.push(name); });

      var cells = 96, grid = new Map();
      function cell(value) { return Math.floor(value * cells / 65536); }
      for (var i = 0; i < n; i++) {
        var key = cell(y[i]) * cells + cell(x[i]);
        if (!grid.has(key)) grid.set(key, []);
        grid.get(key).push(i);
      }

      var box = document.getElementById("map-box"), tip = document.getElementById("map-tip");
      var legend = document.getElementById("map-legend");
      var canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
      canvas.id = "map-canvas";
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", "Map of all images, coloured by cluster");
      document.getElementById("map-picture").replaceWith(canvas);
      var only = -1, marked = -1;

      function draw() {
        var side = box.clientWidth, scale = window.devicePixelRatio || 1;
        if (!side) return;
        canvas.width = canvas.height = Math.round(side * scale);
        pen.setTransform(scale, 0, 0, scale, 0, 0);
        var size = n < 3000 ? 5 : n < 20000 ? 3 : n < 80000 ? 2 : 1.4;
        function point(i) {
          pen.fillRect(x[i] * side / 65535 - size / 2, y[i] * side / 65535 - size / 2, size, size);
        }
        pen.globalAlpha = only < 0 ? 0.85 : 0.12;
        map.colours.forEach(function (colour, c) { byCluster[c].length && c !== only && paint(c, colour); });
        function paint(c, colour) { pen.fillStyle = colour; byCluster[c].forEach(point); }
        if (only >= 0) { pen.globalAlpha = 1; paint(only, map.colours[only]); }
        if (marked >= 0) {
          pen.globalAlpha = 1;
          pen.strokeStyle = getComputedStyle(box).color;
          pen.lineWidth = 2;
          pen.beginPath();
          pen.arc(x[marked] * side / 65535, y[marked] * side / 65535, size + 3, 0, 7);
          pen.stroke();
        }
      }
      var byCluster = map.colours.map(function () { return []; });
      for (var p = 0; p < n; p++) byCluster[cluster[p]].push(p);

      function nearest(px, py, side) {
        var mx = px * 65535 / side, my = py * 65535 / side, reach = 14 * 65535 / side;
        var best = -1, least = reach * reach;
        for (var r = cell(Math.max(0, my - reach)); r <= cell(Math.min(65535, my + reach)); r++) {
          for (var c = cell(Math.max(0, mx - reach)); c <= cell(Math.min(65535, mx + reach)); c++) {
            (grid.get(r * cells + c) || []).forEach(function (i) {
              if (only >= 0 && cluster[i] !== only) return;
              var d = (x[i] - mx) * (x[i] - mx) + (y[i] - my) * (y[i] - my);
              if (d < least) { least = d; best = i; }
            });
          }
        }
        return best;
      }

      function show(i, side) {
        tip.textContent = "";
        if (i < 0) { tip.hidden = true; return; }
        var t = thumbnail.get(i);
        if (t !== undefined) {
          var picture = document.createElement("span"), place = t % map.sheet;
          picture.className = "t m m" + Math.floor(t / map.sheet);
          picture.style.backgroundPosition =
            -(place % map.row) * map.width + "px " + -Math.floor(place / map.row) * map.height + "px";
          tip.appendChild(picture);
        }
        var text = document.createElement("span");
        text.textContent = (names[i] || "image " + step(i, n, map.images)) + " · " + map.clusters[cluster[i]];
        tip.appendChild(text);
        tip.hidden = false;
        var px = x[i] * side / 65535, py = y[i] * side / 65535;
        tip.style.left = Math.max(0, Math.min(px + 14, side - tip.offsetWidth)) + "px";
        tip.style.top = (py + 16 + tip.offsetHeight > side ? Math.max(0, py - tip.offsetHeight - 12) : py + 16) + "px";
      }

      function point(event) {
        var place = canvas.getBoundingClientRect();
        var i = nearest(event.clientX - place.left, event.clientY - place.top, place.width);
        if (i !== marked) { marked = i; draw(); }
        show(i, place.width);
      }
      canvas.addEventListener("pointermove", point);
      canvas.addEventListener("pointerdown", point);
      canvas.addEventListener("pointerleave", function (event) {
        if (event.pointerType === "mouse") { marked = -1; show(-1); draw(); }
      });
      if (legend) legend.addEventListener("click", function (event) {
        var button = event.target.closest("button");
        if (!button) return;
        var chosen = Number(button.dataset.cluster);
        only = chosen === only ? -1 : chosen;
        legend.querySelectorAll("button").forEach(function (other) {
          other.setAttribute("aria-pressed", String(Number(other.dataset.cluster) === only));
        });
        marked = -1; show(-1); draw();
      });
      window.addEventListener("resize", draw);
      window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
      document.documentElement.classList.add("script");
      draw();
    })();

    """#
}
