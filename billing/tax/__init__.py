"""Indian GST as arithmetic: dataclasses in, dataclasses out, no models. The rules are those of 2026, dated."""
