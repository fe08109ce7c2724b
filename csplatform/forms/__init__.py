"""What people type into the platform's pages, checked before a service sees it."""
