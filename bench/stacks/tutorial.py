"""The stack that tutorials teach: FastAPI, a synchronous handler, three calls with boto3 one after the other."""

from typing import Any, Literal

import boto3
from fastapi import FastAPI
from pydantic import BaseModel

from bench.stacks.serving import serve

app = FastAPI()
comprehend = boto3.client("comprehend")


class AnalyzeRequest(BaseModel):
    """A text to analyze."""

    text: str
    language: Literal["en", "fr", "de", "es", "it", "pt", "ja", "ko", "hi", "ar", "zh", "zh-TW"] = "en"


@app.post("/analyze")
def analyze(request: AnalyzeRequest) -> dict[str, Any]:
    """Sentiment, entities and key phrases of one text."""
    sentiment = comprehend.detect_sentiment(Text=request.text, LanguageCode=request.language)
    entities = comprehend.detect_entities(Text=request.text, LanguageCode=request.language)
    key_phrases = comprehend.detect_key_phrases(Text=request.text, LanguageCode=request.language)
    return {
        "sentiment": sentiment["Sentiment"],
        "scores": sentiment["SentimentScore"],
        "entities": entities["Entities"],
        "key_phrases": key_phrases["KeyPhrases"],
    }


if __name__ == "__main__":
    serve(app)
