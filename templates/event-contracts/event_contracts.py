"""What the events of this app carry.

How to write it stands in `[= package =].contracts`.
"""

[% if events %]
[% for line in imports %]
[= line =]
[% endfor %]

[% for event in events %]
[= event.name =] = [= event.code =]
[% if not loop.last %]

[% endif %]
[% endfor %]
[% endif %]
