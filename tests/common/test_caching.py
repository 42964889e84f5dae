"""The cache in Redis."""

import redis

from pharmacrm.common.caching import KeptClientCache


def test_a_counter_is_one_question_to_the_server(monkeypatch):
    asked = []

    def execute(pipeline, *_args, **_kwargs):
        asked.append([command for command, _options in pipeline.command_stack])
        return [7, True]

    monkeypatch.setattr(redis.client.Pipeline, "execute", execute)
    monkeypatch.setattr(redis.Redis, "execute_command", None)

    counted = KeptClientCache("redis://127.0.0.1:1/0", {}).count("rest:person:1", 120)

    assert counted == 7
    assert asked == [[("INCRBY", ":1:rest:person:1", 1), ("EXPIRE", ":1:rest:person:1", 120)]]
