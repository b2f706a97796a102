"use strict";
(() => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const one = (selector, within = document) => within.querySelector(selector);
  const made = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const data = (id) => JSON.parse(document.getElementById(id).textContent);
  const later = (work) => { let waiting; return () => { clearTimeout(waiting); waiting = setTimeout(work, 100); }; };

  // Figures sort as figures, dashes after all of them, names as names.
  const figure = (text) => parseFloat(text.replace(/[,<]/g, "").replace("−", "-"));
  const compare = (a, b) => {
    const [x, y] = [figure(a), figure(b)];
    if (!Number.isNaN(x) && !Number.isNaN(y) && x !== y) return x - y;
    return a.localeCompare(b, "en", { numeric: true });
  };
  const sorted = (list, text, way) => {
    const keyed = list.map((item, n) => ({ item, n, key: text(item) }));
    const known = keyed.filter((k) => k.key !== "–").sort((a, b) => way * compare(a.key, b.key) || a.n - b.n);
    return [...known, ...keyed.filter((k) => k.key === "–")].map((k) => k.item);
  };

  // A button in each head; `sort(column, way)` puts the rows in order.
  const sortable = (table, sort) => all("thead th", table).forEach((head, column) => {
    if (one(".strip-ticks", head)) return;
    const button = Object.assign(made("button", head.textContent), { type: "button" });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const way = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      all("[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", way === 1 ? "ascending" : "descending");
      sort(column, way);
    });
  });
  all("table").forEach((table) => {
    const body = table.tBodies[0];
    if (body.rows.length < 3) return;
    sortable(table, (column, way) => {
      body.append(...sorted(all("tr", body), (row) => row.cells[column].textContent, way));
    });
  });

  // Instances: free text and a menu for each axis.
  const filterInstances = () => {
    const form = one("#instances-filter");
    const rows = all("#all-instances tbody tr");
    const apply = () => {
      const word = one("input", form).value.trim().toLowerCase();
      const menus = all("select", form).filter((menu) => menu.value);
      const fits = (row) => row.textContent.toLowerCase().includes(word)
        && menus.every((menu) => row.cells[menu.dataset.column].textContent === menu.value);
      rows.forEach((row) => { row.hidden = !fits(row); });
      one("output", form).textContent = rows.filter((row) => !row.hidden).length + " of " + rows.length + " shown";
    };
    form.addEventListener("input", later(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    apply();
  };

  // Rows: drawn from data, a hundred at a time.
  const AT_ONCE = 100;
  const rowsTable = () => {
    const { tasks, policies, outcomes, columns, rows } = data("rows-data");
    const form = one("#rows-filter");
    const menus = all("select", form);
    const more = one("#rows-more");
    const percent = (x) => {
      if (x === null) return "–";
      const size = 100 * Math.abs(x);
      return (size > 0 && size < 0.01 ? "<0.01" : (100 * x).toFixed(size === 0 || size >= 100 ? 0 : size < 10 ? 2 : 1)) + " %";
    };
    const plain = (x) => (x === null ? "–" : x.toPrecision(5));
    const fixed = (x) => (x === null ? "–" : x.toFixed(4));
    const shownAs = [(n) => tasks[n], (n) => policies[n], percent, percent, fixed, plain, plain, percent, percent];
    const cell = (row, column) => (column < 9 ? shownAs[column](row[column])
      : outcomes[row[9]] + (row[10] ? ": " + row[10] : ""));
    const key = (row, column) => (column > 1 && column < 9 ? (row[column] === null ? "–" : row[column]) : cell(row, column));
    let order = rows;
    let limit = AT_ONCE;

    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    const left = (column) => (column === 1 || column === 9 ? "name" : "");
    columns.forEach((name, n) => head.append(Object.assign(made("th", name), { scope: "col", className: left(n) })));
    const body = table.createTBody();
    table.prepend(made("caption", "Every row: one policy on one instance; a row without a gap says why"));
    const box = Object.assign(document.createElement("div"), { className: "scroll", tabIndex: 0 });
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", "Rows of the campaign");
    box.append(table);
    one("#all-rows").append(box);

    const line = (row) => {
      const tr = document.createElement("tr");
      columns.forEach((_, column) => {
        const td = tr.appendChild(made(column ? "td" : "th", cell(row, column)));
        if (!column) td.scope = "row";
        td.className = column === 9 ? "long" : left(column);
      });
      return tr;
    };
    const draw = () => {
      const wanted = menus.map((menu) => [Number(menu.dataset.key), menu.value]).filter(([, value]) => value !== "");
      const fitting = order.filter((row) => wanted.every(([column, value]) => row[column] === Number(value)));
      body.replaceChildren(...fitting.slice(0, limit).map(line));
      const shown = Math.min(limit, fitting.length);
      one("output", form).textContent = shown + " of " + fitting.length + " rows shown";
      more.hidden = shown === fitting.length;
    };
    sortable(table, (column, way) => {
      const numeric = column > 1 && column < 9;
      const known = rows.filter((row) => key(row, column) !== "–");
      const by = numeric ? (a, b) => way * (a[column] - b[column])
        : (a, b) => way * cell(a, column).localeCompare(cell(b, column), "en", { numeric: true });
      order = [...known.sort(by), ...rows.filter((row) => key(row, column) === "–")];
      draw();
    });
    [tasks, policies, outcomes].forEach((names, n) => {
      menus[n].append(...names.map((name, value) => Object.assign(made("option", name), { value })));
    });
    const again = () => { limit = AT_ONCE; draw(); };
    form.addEventListener("input", again);
    form.addEventListener("submit", (event) => event.preventDefault());
    more.addEventListener("click", () => { limit += AT_ONCE; draw(); });
    all("#all-instances button[data-task]").forEach((button) => button.addEventListener("click", () => {
      menus.forEach((menu, n) => { menu.value = n ? "" : button.dataset.task; });
      again();
      menus[0].focus();
      one("#rows-filter").scrollIntoView();
    }));
    form.hidden = false;
    draw();
  };

  // Profile: the legend picks lines.
  const profile = () => all("#profile .legend button").forEach((button) => {
    const line = one('#profile .plot path[data-line="' + button.dataset.line + '"]');
    const lift = (on) => () => line.classList.toggle("lift", on);
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      [line, one("path", button)].forEach((path) => path.classList.toggle("on", on));
      if (on) line.parentNode.append(line);
    });
    [["mouseenter", true], ["focus", true], ["mouseleave", false], ["blur", false]]
      .forEach(([event, on]) => button.addEventListener(event, lift(on)));
  });

  // Map: one period of all panels, by slider, keyboard or pointer; one day or all of them.
  const map = () => {
    const { start, minutes, regions, titles, tenths } = data("map-data");
    const [range, days, said] = ["#map-period", "#map-days", "#map-said"].map((id) => one(id));
    const pictures = all("#map .panel > svg");
    const show = (n, value) => (n ? value / 10 + " %" : (value / 10).toFixed(1));
    const period = () => Number(range.value);
    const time = () => new Date(Date.parse(start) + period() * minutes * 60000).toISOString().slice(0, 16).replace("T", " ");
    const best = (n, better) => tenths[n].reduce((found, row, r) => (better(row[period()], tenths[n][found][period()]) ? r : found), 0);
    const word = (n) => {
      const r = n ? best(n, (a, b) => a > b) : best(n, (a, b) => a < b);
      const value = tenths[n][r][period()];
      if (!n) return "cleanest is " + regions[r] + " with " + show(0, value) + " g/kWh";
      return titles[n] + (value ? ": most in " + regions[r] + " (" + show(n, value) + ")" : ": nothing");
    };
    const read = () => {
      const rows = all("#map-reading tbody tr");
      rows.forEach((row) => {
        const r = regions.indexOf(row.cells[0].textContent);
        titles.forEach((_, n) => { row.cells[n + 1].textContent = show(n, tenths[n][r][period()]); });
      });
      one("#map-reading caption").textContent = "Period from " + time() + " UTC";
      said.textContent = time() + " UTC: " + titles.map((_, n) => word(n)).join("; ");
      range.setAttribute("aria-valuetext", time() + " UTC");
      pictures.forEach((svg) => one(".now", svg).setAttribute("d", "M" + (period() + 0.5) + " 0V" + regions.length));
    };
    const zoom = () => {
      const [first, end] = days.value.split(",").map(Number);
      pictures.forEach((svg) => svg.setAttribute("viewBox", first + " 0 " + (end - first) + " " + regions.length));
      Object.assign(range, { min: first, max: end - 1 });
      one("#map .days").hidden = days.selectedIndex > 0;
      read();
    };
    const point = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const box = event.currentTarget.getBoundingClientRect();
      const [first, end] = days.value.split(",").map(Number);
      range.value = Math.floor(first + ((event.clientX - box.left) / box.width) * (end - first));
      read();
    };
    pictures.forEach((svg) => ["pointerdown", "pointermove"].forEach((name) => svg.addEventListener(name, point)));
    range.addEventListener("input", read);
    days.addEventListener("input", zoom);
    one("#map form").hidden = false;
    one("#map form").addEventListener("submit", (event) => event.preventDefault());
  };

  if (one("#instances-filter")) filterInstances();
  if (one("#rows-data")) rowsTable();
  profile();
  if (one("#map-data")) map();
})();
