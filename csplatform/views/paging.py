"""Lists in pages: the size in the address, and a page that no longer exists is the nearest one."""

from __future__ import annotations

from typing import Any

from django.views.generic import ListView

PAGE_SIZES = (25, 50, 100)


class PagedListView(ListView):
    """`page_size` is 25, 50 or 100, `page` any text."""

    default_page_size = PAGE_SIZES[0]

    def get_paginate_by(self, queryset: object) -> int:
        size = self.request.GET.get("page_size", "")
        return int(size) if size in map(str, PAGE_SIZES) else self.default_page_size

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        page = self.get_paginator(queryset, page_size).get_page(self.request.GET.get("page"))
        return page.paginator, page, page.object_list, page.has_other_pages()
