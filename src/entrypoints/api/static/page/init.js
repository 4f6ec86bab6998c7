"use strict";
// The page's policy allows no inline script, so the address of the document comes in an attribute.
SwaggerUIBundle({
  url: document.currentScript.dataset.url,
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  requestSnippetsEnabled: true,
});
