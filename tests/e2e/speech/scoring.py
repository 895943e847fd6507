"""Word and character error rates after the normalisation that the data's README asks for."""
import re
import unicodedata

FILLERS = {"um", "uh", "uhm", "erm", "hmm", "mm", "mhm", "ah", "eh"}
EN_ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
           "seventeen eighteen nineteen").split()
EN_TENS = " _ twenty thirty forty fifty sixty seventy eighty ninety".split(" ")[1:]
DIGITS = {
    "en": EN_ONES[:10],
    "de": "null eins zwei drei vier fünf sechs sieben acht neun".split(),
    "fr": "zéro un deux trois quatre cinq six sept huit neuf".split(),
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve".split(),
    "pt": "zero um dois três quatro cinco seis sete oito nove".split(),
    "sv": "noll en två tre fyra fem sex sju åtta nio".split(),
}
ABBREVIATIONS = {"mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint"}


def english_number(number):
    if number < 20:
        return EN_ONES[number]
    if number < 100:
        ones = " " + EN_ONES[number % 10] if number % 10 else ""
        return EN_TENS[number // 10] + ones
    if number < 1000:
        rest = " " + english_number(number % 100) if number % 100 else ""
        return EN_ONES[number // 100] + " hundred" + rest
    rest = " " + english_number(number % 1000) if number % 1000 else ""
    return english_number(number // 1000) + " thousand" + rest


def number_words(digits, language):
    if language == "en" and len(digits) < 7:
        return english_number(int(digits))
    if language in DIGITS:
        return " ".join(DIGITS[language][int(digit)] for digit in digits)
    return digits


def normalise(text, language):
    """Lower case, no punctuation, no fillers, digits as words."""
    text = unicodedata.normalize("NFKC", text).lower().replace("o'clock", "oclock").replace("’", "'")
    text = re.sub(r"\d+", lambda found: " " + number_words(found[0], language) + " ", text)
    text = re.sub(r"[-–—/]", " ", text)
    text = "".join(letter for letter in text if letter.isalnum() or letter.isspace() or unicodedata.combining(letter))
    return [ABBREVIATIONS.get(word, word) for word in text.split() if word not in FILLERS]


def edits(reference, heard):
    """Levenshtein distance of two sequences."""
    row = list(range(len(heard) + 1))
    for i, expected in enumerate(reference, 1):
        previous, row[0] = row[0], i
        for k, got in enumerate(heard, 1):
            previous, row[k] = row[k], min(row[k] + 1, row[k - 1] + 1, previous + (expected != got))
    return row[-1]


def error_counts(reference, heard, language):
    """(errors, length): in characters for languages without blanks, else in words."""
    expected, got = normalise(reference, language), normalise(heard, language)
    if language in ("ja", "zh", "ko"):
        expected, got = list("".join(expected)), list("".join(got))
    return edits(expected, got), len(expected)
