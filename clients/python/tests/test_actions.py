import unittest

from democratic_ai import ActionAmbiguous, ActionNotFound
from democratic_ai.actions import words
from democratic_ai.client import resolve


def service(service_id, category="writing", description="", members=(), name=""):
    schema = {"type": "object", "properties": dict.fromkeys(members, {}), "required": [], "additionalProperties": False} if members else None
    return {"service_id": service_id, "name": name, "category": category, "description": description, "input_schema": schema}


class Catalogue:
    def __init__(self, *services):
        self._services = services

    def services(self, q=None):
        return iter([one for one in self._services if q is None or any(word in one["service_id"] for word in q.split())])


SUMMARY = service("text-summary", members=("text", "max_length"))
JAPANESE = service("text-summary-ja", members=("text", "sentences"))
MOOD = service("review-mood", "feedback", "Tells the sentiment of a review.")


class ActionTests(unittest.TestCase):
    def resolved(self, action, *services, **payload):
        return resolve(Catalogue(*services), action, payload)["service_id"]

    def test_forms_of_a_word_are_one(self):
        for forms in ("summarize summary summarizer summaries summarization summarise", "translate translation translator translating", "analyze analysis analyzer", "keyword keywords", "classify classification"):
            self.assertEqual(1, len(words(forms)), forms)
        self.assertEqual({"text", "要約"}, words("text.要約"))

    def test_the_id_decides_before_its_words_and_these_before_others(self):
        self.assertEqual("text-summary", self.resolved("text.summarize", JAPANESE, SUMMARY, MOOD))
        self.assertEqual("text-summary-ja", self.resolved("text-summary-ja", SUMMARY, JAPANESE))
        self.assertEqual("text-summary-ja", self.resolved("summary.ja", SUMMARY, JAPANESE))
        self.assertEqual("review-mood", self.resolved("feedback.mood", SUMMARY, MOOD))
        self.assertEqual("review-mood", self.resolved("analyze_sentiment", SUMMARY, service("review-mood", "analysis", "Sentiment.")))

    def test_the_payload_decides_between_equals(self):
        self.assertEqual("text-summary", self.resolved("summarize", JAPANESE, SUMMARY, text="t", max_length=9))
        self.assertEqual("text-summary-ja", self.resolved("summarize", JAPANESE, SUMMARY, text="t", sentences=1))

    def test_what_fits_equally_is_named(self):
        with self.assertRaises(ActionAmbiguous) as several:
            self.resolved("summarize", SUMMARY, JAPANESE, text="t")
        self.assertEqual(["text-summary", "text-summary-ja"], several.exception.service_ids)

    def test_what_fits_nothing_says_what_is_near(self):
        with self.assertRaises(ActionNotFound) as none:
            self.resolved("text.translate", SUMMARY, MOOD)
        self.assertEqual(["text-summary"], none.exception.nearest)
        with self.assertRaises(ActionNotFound):
            self.resolved("...", SUMMARY)
