"""What results mean: gaps, rates and shares (MODEL.md 7)."""
