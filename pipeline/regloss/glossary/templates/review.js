"use strict";
const rows = Array.from(document.querySelectorAll("tr[data-kind]"));
const clean = (text) => text.replace(/[\t\r\n]+/g, " ").trim();
const line = (row) => [
  row.querySelector("input[type=checkbox]").checked ? "x" : "",
  row.dataset.kind,
  row.dataset.source,
  row.querySelector(".target").value,
  row.querySelector(".rendering").value,
].map(clean).join("\t");
document.addEventListener("change", () => {
  const ticked = rows.filter((row) => row.querySelector("input[type=checkbox]").checked).length;
  document.getElementById("count").textContent = `${ticked} ticked`;
});
document.getElementById("download").addEventListener("click", () => {
  const sheet = [["accept", "kind", "source", "target", "rendering"].join("\t"), ...rows.map(line)].join("\n") + "\n";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([sheet], { type: "text/tab-separated-values" }));
  link.download = "review.tsv";
  link.click();
  URL.revokeObjectURL(link.href);
});
