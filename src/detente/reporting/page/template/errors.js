// Whatever goes wrong is written into a hidden element, where a test or a reader can find it.
window.pageErrors = [];
function note(kind, text) {
  window.pageErrors.push(kind + ": " + text);
  var place = document.getElementById("page-errors");
  if (place) place.textContent = window.pageErrors.join("\n");
}
window.addEventListener("error", function (event) { note("error", event.message); });
window.addEventListener("unhandledrejection", function (event) { note("promise", event.reason); });
document.addEventListener("securitypolicyviolation", function (event) {
  note("policy", event.violatedDirective + " " + event.blockedURI);
});
