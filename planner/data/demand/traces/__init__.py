"""Published and own traces -> demand series: one file a format, what they share beside them."""
