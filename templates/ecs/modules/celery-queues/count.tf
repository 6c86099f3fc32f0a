# Says how many messages wait for each service of workers. Its arguments are the application of Celery, then the services
# with their queues: worker=celery worker-emails=emails.

locals {
  count = <<-PYTHON
    import json
    import sys

    from celery.app.utils import find_app


    def waiting(connection, queue):
        """How many messages wait in a queue."""
        with connection.channel() as channel:
            try:
                return channel.queue_declare(queue=queue, passive=True).message_count
            except connection.channel_errors:
                # Redis has no empty queues.
                return 0


    def backlogs(app, services):
        """How many messages there are for each worker of a service; one that is alone counts even if it does not answer."""
        answers = (app.control.inspect(timeout=5).active_queues() or {}).values()
        with app.connection_for_read() as connection:
            for service, queues in services.items():
                total = sum(waiting(connection, queue) for queue in queues)
                workers = sum(any(one["name"] in queues for one in taken) for taken in answers)
                yield {"service": service, "waiting": total, "backlog": total / max(workers, 1)}


    def main(name, *words):
        services = {service: queues.split(",") for service, queues in (word.split("=") for word in words)}
        for line in backlogs(find_app(name), services):
            print(json.dumps(line), flush=True)


    if __name__ == "__main__":
        main(*sys.argv[1:])
  PYTHON
}
