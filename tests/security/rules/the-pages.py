"""What the rules about pages find and let pass."""


def show(request, app, person):
    # ruleid: markup-that-nobody-escapes
    name = Markup(person.name)
    # ruleid: markup-that-nobody-escapes
    name = Markup("<b>{}</b>").format(person.name)
    # ok: markup-that-nobody-escapes
    name = escape(person.name)
    # ruleid: page-made-of-text
    render_template_string(f"Hello {name}")
    # ruleid: page-made-of-text
    app.jinja_env.from_string(name)
    # ok: page-made-of-text
    render_template("public/home.html", name=name)
    # ruleid: onward-to-where-a-visitor-says
    redirect(request.args["next"])
    # ruleid: onward-to-where-a-visitor-says
    redirect(request.form.get("next") or "/")
    # ruleid: onward-to-where-a-visitor-says
    redirect(request.referrer)
    # ok: onward-to-where-a-visitor-says
    return redirect(url_for("public.home"))


# ruleid: form-without-a-token
CSRFProtect(app).exempt(desk)
# ruleid: form-without-a-token
app.config["WTF_CSRF_ENABLED"] = False
# ruleid: form-without-a-token
app.config.update(SITE_NAME="Glodbrook", WTF_CSRF_ENABLED=False)
# ok: form-without-a-token
app.config.update(SITE_NAME="Glodbrook", WTF_CSRF_TIME_LIMIT=None)


class Ask(FlaskForm):
    # ruleid: form-without-a-token
    class Meta:
        csrf = False


class Offer(FlaskForm):
    # ok: form-without-a-token
    class Meta:
        locales = ["en_GB"]
