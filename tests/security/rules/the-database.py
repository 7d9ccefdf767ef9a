"""What the rules about the database find and let pass."""


def ask(connection, session, name):
    # ruleid: statement-put-together-from-text
    connection.execute(text(f"SELECT * FROM person WHERE name = '{name}'"))
    # ruleid: statement-put-together-from-text
    connection.exec_driver_sql("SELECT * FROM person ORDER BY " + name)
    # ruleid: statement-put-together-from-text
    session.execute("SELECT * FROM person WHERE name = '%s'" % name)
    # ruleid: statement-put-together-from-text
    session.execute("DELETE FROM {}".format(name))
    # ruleid: statement-put-together-from-text
    order = literal_column(f"{name} DESC")
    # ok: statement-put-together-from-text
    connection.execute(text("SELECT * FROM person WHERE name = :name"), {"name": name})
    # ok: statement-put-together-from-text
    session.exec(select(Person).where(Person.name == f"{name} Brook"))
    # ok: statement-put-together-from-text
    return render(f"Hello {name}", order)
