"""The shop against the clock: endpoints to scrape, a log stream, webhooks and controls."""
