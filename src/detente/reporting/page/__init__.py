"""What every page shares: style, palette, the embedding of charts and scripts, templates."""
