// The behaviours every page has. One a file; each binds by data-… and survives htmx swaps.
import "./csrf.js";
import "./rail.js";
import "./dialogs.js";
import "./search.js";
import "./filters.js";
import "./choices.js";
import "./faults.js";
import "./scroll.js";
