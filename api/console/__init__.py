"""The console: pages for the people of the bank, rendered here, with a few lines of script and no outside source.

How a page is added
    1. A handler in a module of this package, e.g. `api/console/cases.py`:

           @page("GET", "/cases/{case_id}", scopes=STAFF)
           def show_case(visit: Visit, case_id: UUID) -> Shown:
               return Shown("case.html", case=get_case(visit.store, case_id, branch=visit.caller.branch))

       and the module's name in `MODULES` of `api/console/site.py`. What the signature says is what is parsed:
       `query` and `form` are pydantic models (`api.requests.Asked`), `case_id` comes from the path and is checked
       against the visitor's branch beforehand. A handler returns `Shown` (a template), `SentTo` (a redirect) or a Flask
       response. `Visit` is an `api.gateway.Call`: what serves the API serves pages, too (`api.conditional` for polls).
    2. A template in `templates/console/`, beginning with `{% extends "console/frame.html" %}`. `words("key")` gives the
       text in the visitor's language; add texts to a module of `api/console/words/`. Every form has
       `{{ token_field() }}` in it, or its POST is refused. There is no inline script, no inline style and no outside
       source: the policy in `api/console/protection.py` forbids them. Scripts and styles lie in `static/` and are
       named by `asset("name.js")`.
    3. Nothing else: `tests/integration/api/console/test_console_access.py` walks every page without and with each role.
"""
