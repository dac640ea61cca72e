#!/bin/bash
# The old way, with everything that is wrong with it.
cd /home/ops/homeupdate
set -a
source .env
set +a
pkill -f "celery -A crm worker"
pkill -f "celery -A crm beat"
venv/bin/python manage.py migrate --no-input
venv/bin/celery -A crm worker --pool solo --queues celery,file_uploads,calculations,status_updates,maintenance \
    --pidfile /home/ops/celery.pid --logfile /home/ops/celery.log --detach
venv/bin/celery -A crm beat --schedule /home/ops/celerybeat-schedule --pidfile /home/ops/beat.pid \
    --logfile /home/ops/beat.log --detach
sleep 8
if [ ! -f /home/ops/celery.pid ]; then
    echo "ERROR: فشل في تشغيل Celery Worker"
fi
exec venv/bin/daphne -b 0.0.0.0 -p 8000 crm.asgi:application
