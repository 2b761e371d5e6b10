"""A bare Flask application: reads nothing, says hello."""

from flask import Flask

app = Flask(__name__)


@app.post("/hello")
def hello() -> str:
    return "hello"
