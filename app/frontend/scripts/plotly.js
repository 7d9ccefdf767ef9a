// The four traces we draw with, and nothing else of Plotly: a third of the whole.
import Plotly from "plotly.js/lib/core";
import bar from "plotly.js/lib/bar";
import sankey from "plotly.js/lib/sankey";
import treemap from "plotly.js/lib/treemap";

Plotly.register([bar, sankey, treemap]); // scatter is part of the core

export default Plotly;
