"""Everything that parses foreign files: a process of its own per file, with bounds on time and memory, without Django.

`process` starts and binds it; `pdf`, `office`, `sheets` and `pictures` are what runs in it; `plain` reads text files
and is plain enough for the server itself. Callers are `uploads`, `extraction` and `recipients`.
"""
