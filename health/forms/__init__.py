"""What people type into health's pages."""
