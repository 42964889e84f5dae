"""The project package: what stands above or below the four subjects, never beside them.

It imports nothing: the supervisor and the set-up live in it too. Celery's application is made where Django loads
`pharmacrm.common.apps`, the first of the installed apps, so every process that loads Django knows the tasks.
"""
