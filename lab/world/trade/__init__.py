"""What the shop sells: products, stores, weather and daily sales."""
