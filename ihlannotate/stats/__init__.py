"""Statistics on plain arrays: reliability, aggregation, judge validation. numpy and scipy only, no Django."""
