"use strict";
(() => {
  const table = document.getElementById("cohort-table");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const heads = Array.from(table.tHead.rows[0].cells);
  const cards = new Map(rows.map((row) => [row, document.getElementById(row.dataset.card)]));
  const search = document.getElementById("search");
  const chips = Array.from(document.querySelectorAll(".chip"));
  const shown = document.getElementById("shown");
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : cell.dataset.value;
  };

  // Empty values stand last whichever way the column is sorted; equal ones keep the order of the file.
  const sortBy = (column, direction) => {
    const isNumber = heads[column].dataset.kind === "number";
    const compare = (a, b) => {
      const x = valueOf(a, column), y = valueOf(b, column);
      if (x === "" || y === "") return (x === "") - (y === "");
      return direction * (isNumber ? Number(x) - Number(y) : x.localeCompare(y, "en", { numeric: true }));
    };
    heads.forEach((head, i) => (i === column ? head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending") : head.removeAttribute("aria-sort")));
    body.append(...rows.slice().sort(compare));
  };

  const chosenAnswers = () => {
    const chosen = new Map();
    for (const chip of chips) {
      if (chip.getAttribute("aria-pressed") !== "true") continue;
      chosen.set(chip.dataset.key, (chosen.get(chip.dataset.key) || new Set()).add(chip.dataset.answer));
    }
    return chosen;
  };

  const filter = () => {
    const words = search.value.trim().toLowerCase().split(/\s+/);
    const chosen = chosenAnswers();
    let n = 0;
    for (const row of rows) {
      const fits = words.every((word) => texts.get(row).includes(word)) &&
        Array.from(chosen).every(([key, answers]) => answers.has(row.getAttribute("data-" + key)));
      row.hidden = !fits;
      const card = cards.get(row);
      if (card) card.hidden = !fits;
      n += fits;
    }
    shown.textContent = n === rows.length ? `${n} shown` : `${n} of ${rows.length} shown`;
  };

  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => sortBy(column, head.getAttribute("aria-sort") === "ascending" ? -1 : 1));
  });
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") === "true" ? "false" : "true");
      filter();
    });
  }
  search.addEventListener("input", filter);
  document.getElementById("reset").addEventListener("click", () => {
    search.value = "";
    for (const chip of chips) chip.setAttribute("aria-pressed", "false");
    filter();
  });

  const viewer = document.getElementById("viewer");
  const large = viewer.querySelector("img");
  for (const button of document.querySelectorAll(".enlarge")) {
    button.addEventListener("click", () => {
      const image = button.querySelector("img");
      large.src = image.src;
      large.alt = image.alt;
      viewer.showModal();
    });
  }
  viewer.addEventListener("click", (event) => event.target === viewer && viewer.close());

  // On paper nothing can be unfolded.
  const unfolded = [];
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details:not([open])")) unfolded.push(details), (details.open = true);
  });
  addEventListener("afterprint", () => unfolded.splice(0).forEach((details) => (details.open = false)));

  filter();
})();
