"""What is created: one noun a file. ``manifests`` builds objects without Pulumi; the components register them."""
