"""Recording from another machine: a cluster job's worker never opens the home's SQLite file.

    folder = prepare(store, "nightly-3", [run])            # where the home is: before the job is submitted
    os.environ["GENSCOPE_DATABASE_URL"] = worker_url(home, "nightly-3")    # the job; from here on, as anywhere:
    with Store(home()) as store: …
    take_in(store)                                          # where the home is: now and then; the server does it

SQLite must not be opened by two machines (`network_home.py`). So a worker has a database of its own in the job's
folder, on the shared file system, that no other machine opens. Whatever it records there also goes, as typed changes
(`changes.py`) in numbered files, to the home, which takes each in once and deletes it. Where the job runs on the home's
own machine, or the home's database is Postgres, the worker uses that database itself.

    jobs/nightly-3/job.json           the machine that prepared it
                   worker.sqlite      the worker's database: begins with the runs that it resumes or forks
                   outbox/000000042.json    what one transaction of the worker changed
                   set-aside/         damaged files
                   said.txt           what went wrong with its files, a sentence a line

No kill on either side loses or doubles anything. A change and its file are committed together (the table `outbox`), and
the file is written from there, if need be by the worker's next attempt. The home applies a file and notes its number
(the table `taken_in`) in one transaction, and deletes it afterwards; a file that is noted already is only deleted.

    job_folder.py     the folder of a job, and which database its worker uses
    preparing.py      makes it, with the runs that the worker needs
    changes.py        what can be recorded: the typed changes
    outbox.py         the worker's side: changes become numbered files
    numbered_file.py  how a file is named, written and checked
    taking_in.py      the home's side: files become rows
    applying.py       applies one change
    periodic_taking_in.py    takes in every second, in a thread of the server
"""
