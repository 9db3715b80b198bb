"""The steps between what is seen and what is wanted: values, each with the look that ends it."""
