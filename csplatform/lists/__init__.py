"""What list pages share: columns that rooms add to, saved views, a person's own arrangement."""

from __future__ import annotations

from csplatform.lists.columns import Column, ColumnSet, Line, ListContext
from csplatform.lists.registry import ListPage, list_named, list_pages, register_list

__all__ = ["Column", "ColumnSet", "Line", "ListContext", "ListPage", "list_named", "list_pages", "register_list"]
