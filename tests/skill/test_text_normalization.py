"""Text normalization: what a shop says, in words that a native speaker would say."""

from __future__ import annotations

import datetime
import re
import unicodedata

import pytest
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from walkiosk.kiosk.wording import literal, money, names, percent, replies
from walkiosk.skill.text_normalization import words
from walkiosk.skill.text_normalization.language import LANGUAGES
from walkiosk.skill.text_normalization.numerals import cardinal

SPOKEN = {
    "en": """
        Blade Runner 2049 poster, for €14.90. | Blade Runner twenty forty-nine poster, for fourteen euros and ninety cents.
        Trainers in 42½ for $1,249.50 | Trainers in forty-two and a half for one thousand two hundred and forty-nine dollars and fifty cents
        It's £5, not £0.99 or 1.01 €. | It's five pounds, not ninety-nine pence or one euro and one cent.
        CHF 20, or 2 US$ | twenty Swiss francs, or two dollars
        $829.5 million | eight hundred and twenty-nine point five million dollars
        -15% or 2.5 % | minus fifteen percent or two point five percent
        We open at 9.30am | We open at nine thirty A M
        the 1st, 2nd and 21st | the first, second and twenty-first
        In 1999, 2010 or the 1980s | In nineteen ninety-nine, twenty ten or the nineteen eighties
        2026-11-28, 11/28/26 | November twenty-eighth, twenty twenty-six, November twenty-eighth, twenty twenty-six
        on 3 May, on Nov 28, 2026 | on the third of May, on November twenty-eighth, twenty twenty-six
        July 16, 2010. 2010-07 | July sixteenth, twenty ten. July twenty ten
        At 14:30, 7:05 or 7:30 pm. | At fourteen thirty, seven oh five or seven thirty P M.
        9:00 AM–5:30 PM, 9–17, 2-3 days | nine A M to five thirty P M, nine to seventeen, two to three days
        1/3, ¾, 2½ kg | one third, three quarters, two and a half kilograms
        XL, XXL, S and 38/40 | X L, X X L, S and thirty-eight forty
        30 × 40 cm, 30x40 cm | thirty by forty centimeters, thirty by forty centimeters
        1 l at -5 °C, 1.5 m, 27" | one liter at minus five degrees Celsius, one point five meters, twenty-seven inches
        Call +34 600 123 456, code 0042, order 12345678 | Call plus three four, six zero zero, one two three, four five six, code zero zero four two, order one two three four five six seven eight
        Version 2.0, #12, No. 5 | Version two point zero, number twelve, number five
        R&B, A+B, ~5, 18+ | R and B, A plus B, about five, eighteen plus
        See www.walkiosk.com/a-b, write to info@shop.org. | See W W W dot walkiosk dot com slash a dash b, write to info at shop dot org.
        #ReelAndSole @shop | hashtag Reel And Sole at shop
        “Alien” (1979) … costs 5 €!! 😀 | Alien, nineteen seventy-nine, costs five euros!
        Rocky II, Louis XIV | Rocky two, Louis fourteen
        1,234,567 people, 21,000 m | one million two hundred and thirty-four thousand five hundred and sixty-seven people, twenty-one thousand meters
        2x Alien, R2D2, 3D, 4 €/kg | two times Alien, R two D two, three D, four euros per kilogram
    """,  # noqa: E501
    "es": """
        Aquí lo tiene: Alien, por 1.249,50_€. | Aquí lo tiene: Alien, por mil doscientos cuarenta y nueve euros con cincuenta céntimos.
        21,01 € o 0,99 € | veintiún euros con un céntimo o noventa y nueve céntimos
        $5, 21 £ y 200 £ | cinco dólares, veintiuna libras y doscientas libras
        49,90 R$ | cuarenta y nueve reales con noventa centavos
        1 € y 1.000.000 € | un euro y un millón de euros
        Tiene 15_% de descuento. | Tiene quince por ciento de descuento.
        -1,5 % | menos uno coma cinco por ciento
        21.000 personas, 31 millones | veintiún mil personas, treinta y un millones
        21 zapatillas, 1 póster, quedan 1 | veintiuna zapatillas, un póster, quedan uno
        el 28 de noviembre de 2026 | el veintiocho de noviembre de dos mil veintiséis
        28/11/26, 28 nov 2026 | veintiocho de noviembre de dos mil veintiséis, veintiocho de noviembre de dos mil veintiséis
        2026-05-01 | primero de mayo de dos mil veintiséis
        A las 14:30. A la 1:00. | A las catorce y treinta. A la una.
        de 9–17 | de nueve a diecisiete
        talla 42½, 38/40 o XL | talla cuarenta y dos y medio, treinta y ocho cuarenta o X L
        30 × 40 cm, 0,5 l, 1 h | treinta por cuarenta centímetros, cero coma cinco litros, una hora
        ½ l, 2½ h, ½ pizza | medio litro, dos horas y media, media pizza
        1.º, 2ª vez, 3.º piso | primero, segunda vez, tercer piso
        Teléfono 600 123 456 | Teléfono seis cero cero, uno dos tres, cuatro cinco seis
        n.º 5, 2.0, C&A | número cinco, dos punto cero, C y A
        ¿Talla? Hay 36 y 37. ¡Sí! | Talla? Hay treinta y seis y treinta y siete. Sí!
        En 41 cuesta 101 €, quedan 21 más. | En cuarenta y uno cuesta ciento un euros, quedan veintiuno más.
        Felipe II, siglo XX | Felipe dos, siglo veinte
        tienda@reel.es | tienda arroba reel punto es
    """,  # noqa: E501
    "fr": """
        Voici Alien en 42 : 49,90_€ au lieu de 1^249,50_€. | Voici Alien en quarante-deux : quarante-neuf euros et quatre-vingt-dix centimes au lieu de mille deux cent quarante-neuf euros et cinquante centimes.
        0,50 €, 21 £, $5 | cinquante centimes, vingt et une livres, cinq dollars
        20_CHF, 80_€ | vingt francs, quatre-vingts euros
        2.000.000,00 € | deux millions d'euros
        15_% de remise | quinze pour cent de remise
        2,05 et 12,34 | deux virgule zéro cinq et douze virgule trente-quatre
        71, 80, 81, 91, 200 | soixante et onze, quatre-vingts, quatre-vingt-un, quatre-vingt-onze, deux cents
        le 1er mai 2026 | le premier mai deux mille vingt-six
        28/11/2026, 28 nov. 2026 | vingt-huit novembre deux mille vingt-six, vingt-huit novembre deux mille vingt-six
        1re fois, 2e étage, 3ème, 2nde | première fois, deuxième étage, troisième, seconde
        À 14h30, à 9 h, à 21:00, à 1:05. | À quatorze heures trente, à neuf heures, à vingt et une heures, à une heure cinq.
        1 fois, 21 minutes, 21 min | une fois, vingt et une minutes, vingt et une minutes
        de 9–17 | de neuf à dix-sept
        taille 42½ ou XXL ? | taille quarante-deux et demi ou X X L ?
        30 × 40 cm, 1 l, 2½ h | trente sur quarante centimètres, un litre, deux heures et demie
        1/3, 3/4 | un tiers, trois quarts
        06 12 34 56 78 | zéro six, un deux, trois quatre, cinq six, sept huit
        n° 5, 2.0, A&B | numéro cinq, deux point zéro, A et B
        « Alien » (1979) | Alien, mille neuf cent soixante-dix-neuf
        Louis XIV, XXe siècle | Louis quatorze, vingtième siècle
        1_000_000 de fans, 5_°C | un million de fans, cinq degrés Celsius
        3D, 18+ | trois D, dix-huit plus
    """,  # noqa: E501
    "de": """
        Hier ist Alien in 42, für 1.249,50_€. | Hier ist Alien in zweiundvierzig, für eintausendzweihundertneunundvierzig Euro und fünfzig Cent.
        1 €, 101 €, 0,50 € | ein Euro, einhundertein Euro, fünfzig Cent
        CHF 20.05, $5 | zwanzig Franken und fünf Rappen, fünf Dollar
        2 Mio. €, 1.000.000 € | zwei Millionen Euro, eine Million Euro
        15_% Rabatt, -2,5_% | fünfzehn Prozent Rabatt, minus zwei Komma fünf Prozent
        Es sind 3. Möchten Sie zahlen? | Es sind drei. Möchten Sie zahlen?
        der 3. Platz, im 2. Stock, das 1. Mal | der dritte Platz, im zweiten Stock, das erste Mal
        am 28. November 2026 | am achtundzwanzigsten November zweitausendsechsundzwanzig
        28.11.2026, 28.11.26 | achtundzwanzigster November zweitausendsechsundzwanzig, achtundzwanzigster November zweitausendsechsundzwanzig
        der 3. Mai; bis zum 28.11. | der dritte Mai; bis zum achtundzwanzigsten November.
        1999 und 2010, die 80er Jahre | neunzehnhundertneunundneunzig und zweitausendzehn, die achtziger Jahre
        um 14:30 Uhr, 9 Uhr, 1:00 Uhr, 14.30 Uhr | um vierzehn Uhr dreißig, neun Uhr, ein Uhr, vierzehn Uhr dreißig
        1 Artikel, 1 Tasse, 1 mal, noch 1 da | ein Artikel, eine Tasse, ein mal, noch eins da
        9–17, 2-3 Tage | neun bis siebzehn, zwei bis drei Tage
        Größe 42½, 38/40, XL | Größe zweiundvierzigeinhalb, achtunddreißig vierzig, X L
        30 × 40 cm, 1 l, 1 h, 21 min | dreißig mal vierzig Zentimeter, ein Liter, eine Stunde, einundzwanzig Minuten
        ½ l, ½ h, 1½ h, 3/4 | ein halber Liter, eine halbe Stunde, eineinhalb Stunden, drei Viertel
        Nr. 5, 2.0, 12345678 | Nummer fünf, zwei Punkt null, eins zwei drei vier fünf sechs sieben acht
        „Alien“ & Söhne (3D) | Alien und Söhne, drei D
        5_°C, 80 km/h, 3,50 €/kg | fünf Grad Celsius, achtzig Kilometer pro Stunde, drei Euro und fünfzig Cent pro Kilogramm
        101.000 Fans | einhunderteintausend Fans
        Rocky II | Rocky zwei
    """,  # noqa: E501
    "it": """
        Ecco qui: Alien, a 1.249,50_€. | Ecco qui: Alien, a milleduecentoquarantanove euro e cinquanta centesimi.
        1 €, 0,99 €, 5 £, 1 £ | un euro, novantanove centesimi, cinque sterline, una sterlina
        20,00 CHF, 2 $ | venti franchi, due dollari
        1.000.000 € | un milione di euro
        15% di sconto | quindici percento di sconto
        2,05 e 12,34 | due virgola zero cinque e dodici virgola trentaquattro
        23, 28, 103 | ventitré, ventotto, centotré
        il 1 maggio 2026, il 28 nov 2026 | il primo maggio duemilaventisei, il ventotto novembre duemilaventisei
        28/11/26 | ventotto novembre duemilaventisei
        1° piano, 2ª volta, 3º | primo piano, seconda volta, terzo
        alle 14:30, ore 9.30 | alle quattordici e trenta, ore nove e trenta
        1 poster, 1 volta, 1 spot, ne resta 1 | un poster, una volta, uno spot, ne resta uno
        1 h, 2 h, 1½ h, ½ l | un'ora, due ore, un'ora e mezza, mezzo litro
        taglia 42½, 38/40 o XL | taglia quarantadue e mezzo, trentotto quaranta o X L
        30 × 40 cm, 0,3 l | trenta per quaranta centimetri, zero virgola tre litri
        25 °C, 25° | venticinque gradi Celsius, venticinque gradi
        dalle 9–17 | dalle nove a diciassette
        2/3, 1/4 | due terzi, un quarto
        n. 5, 2.0, 007 | numero cinque, due punto zero, zero zero sette
        «Alien» (1979). | Alien, millenovecentosettantanove.
        info@reel.it | info chiocciola reel punto it
        Giovanni XXIII | Giovanni ventitré
    """,
    "pt": """
        Aqui está: Alien, por R$_1.249,50. | Aqui está: Alien, por mil duzentos e quarenta e nove reais e cinquenta centavos.
        €_2,00, 1 €, 0,50 € | dois euros, um euro, cinquenta centavos
        US$_5, £_2, 200 £ | cinco dólares, duas libras, duzentas libras
        1.000.000 € | um milhão de euros
        15% de desconto, -2,5% | quinze por cento de desconto, menos dois vírgula cinco por cento
        Em 41 custa 2 € | Em quarenta e um custa dois euros
        16, 17 e 19 | dezesseis, dezessete e dezenove
        2 camisetas, 21 pessoas, 1 pôster | duas camisetas, vinte e uma pessoas, um pôster
        28 de nov. de 2026, 28/11/2026 | vinte e oito de novembro de dois mil e vinte e seis, vinte e oito de novembro de dois mil e vinte e seis
        1 de maio, 2010-07 | primeiro de maio, julho de dois mil e dez
        3.º, 1ª vez, 2º andar | terceiro, primeira vez, segundo andar
        às 14:30, às 9h, às 14h30, à 1:00 | às catorze horas e trinta, às nove horas, às catorze horas e trinta, à uma hora
        das 9–17 | das nove a dezessete
        tamanho 42½, 38/40, XL | tamanho quarenta e dois e meio, trinta e oito quarenta, X L
        30 × 40 cm, 2 kg, 1 g | trinta por quarenta centímetros, dois quilogramas, um grama
        ½ l, 2½ h, 2x | meio litro, duas horas e meia, duas vezes
        1/3, 3/4 | um terço, três quartos
        (11) 91234-5678 | um um, nove um dois três quatro, cinco seis sete oito
        nº 5, 2.0, A&B | número cinco, dois ponto zero, A e B
        “Alien” (1979) | Alien, mil novecentos e setenta e nove
        5_°C, 80 km/h | cinco graus Celsius, oitenta quilômetros por hora
        Dom Pedro II, século XX | Dom Pedro dois, século vinte
    """,  # noqa: E501
    "ru": """
        Вот Alien, размер 42, цена 1_249,50_₽. | Вот Alien, размер сорок два, цена тысяча двести сорок девять рублей пятьдесят копеек.
        1 ₽, 2 ₽, 5 ₽, 21 ₽ | один рубль, два рубля, пять рублей, двадцать один рубль
        вместо 79 €, за 1_000 ₽, до 21,50 ₽ | вместо семидесяти девяти евро, за тысячу рублей, до двадцати одного рубля пятидесяти копеек
        1,01 ₽ и 2,02 ₽ | один рубль одна копейка и два рубля две копейки
        5 руб. Вот 49,90_€, $2, £5 | пять рублей. Вот сорок девять евро девяносто центов, два доллара, пять фунтов
        1 %, 2 %, 15_%, 1,5 % | один процент, два процента, пятнадцать процентов, одна целая пять десятых процента
        28_ноября 2026^г. | двадцать восьмое ноября две тысячи двадцать шестого года.
        28.11.2026, 28 нояб. 2026 г. | двадцать восьмое ноября две тысячи двадцать шестого года, двадцать восьмое ноября две тысячи двадцать шестого года.
        до 1 мая | до первого мая
        2010 год, в 2010 году, 2010-07 | две тысячи десятый год, в две тысячи десятом году, июль две тысячи десятого года
        5-й, 1-я, 2-е, 90-х | пятый, первая, второе, девяностых
        14:30, 9:00, 1:00, 7:05 | четырнадцать тридцать, девять часов, один час, семь ноль пять
        с 9–17, 9–17, 2–3 метра | с девяти до семнадцати, от девяти до семнадцати, два-три метра
        размер 42½, 38/40, XL | размер сорок два с половиной, тридцать восемь сорок, X L
        30 × 40 см, 2 кг, 1 л, 5 м | тридцать на сорок сантиметров, два килограмма, один литр, пять метров
        21 мин, 2 мин, 1 ч, 2 ч | двадцать одна минута, две минуты, один час, два часа
        2,5 кг, ½ л | две целых пять десятых килограмма, половина литра
        +7 495 123-45-67 | плюс семь, четыре девять пять, один два три, четыре пять, шесть семь
        № 5, 2.0, A&B | номер пять, два точка ноль, A и B
        «Чужой» — 1 книга (3D) | Чужой, одна книга, три D
        5_°C, -5; 2_тыс. ₽, 2,5 млн | пять градусов Цельсия, минус пять; две тысячи рублей, две целых пять десятых миллиона
        Пётр II, info@reel.ru | Пётр два, info собака reel точка ru
    """,  # noqa: E501
}  # fmt: skip
SPACES = str.maketrans({"_": "\u00a0", "^": "\u202f"})  # as the tables write Babel's
PAIRS = [
    (language, *line.strip().translate(SPACES).split(" | "))
    for language, table in SPOKEN.items()
    for line in table.strip().splitlines()
]
SOMETHING = "Kobol"
DAY = datetime.date(2026, 11, 8)
FACTS = ("price", "price2", "deal_price", "total")


def is_pronounceable(said: str) -> bool:
    """Whether there are but letters, their marks, and the punctuation that the model knows."""
    return all(unicodedata.category(letter)[0] in "LM" or letter in " .,?!;:'-" for letter in said)


@pytest.mark.parametrize(("language", "written", "said"), PAIRS)
def test_a_native_speaker_says_it_so(language: str, written: str, said: str) -> None:
    assert words(written, language) == said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("plain", ["Yes, I'd like it: a well-known one; is it here?", "Größe, añadió, ёж et l'été!"])
def test_letters_and_simple_punctuation_stay(plain: str, language: str) -> None:
    assert words(plain, language) == plain


def test_languages_that_espeak_reads_stay() -> None:
    assert [words("价格 5 €", language) for language in ("zh", "hi", "xx")] == ["价格 5 €"] * 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_babel_s_own_ways_to_write_a_date_are_one_date(language: str) -> None:
    locale = LANGUAGES[language].locale
    ways = {words(format_date(DAY, width, locale), language).rstrip(".") for width in ("short", "medium", "long")}
    assert len(ways) == 1
    assert words(format_date(DAY, "full", locale), language).rstrip(".").endswith(ways.pop())


@pytest.mark.parametrize("language", LANGUAGES)
def test_babel_s_times_are_said_to_the_minute(language: str) -> None:
    said = words(format_time(datetime.time(19, 42), "short", locale=LANGUAGES[language].locale), language)
    assert said.removesuffix(" P M").endswith(cardinal(42, LANGUAGES[language]))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("currency", ["EUR", "USD", "GBP", "BRL", "RUB", "CHF", "JPY", "MXN", "KZT"])
def test_any_shop_s_currency_has_a_name(currency: str, language: str) -> None:
    said = words(money(123_400, currency, language), language)
    assert said.startswith(cardinal(1234, LANGUAGES[language])[:4])
    assert is_pronounceable(said)
    assert currency not in said
    assert len(said.split()) > len(cardinal(1234, LANGUAGES[language]).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reply_can_be_said(language: str) -> None:
    facts = {
        **{fact: money(7_990 + number, "EUR", language) for number, fact in enumerate(FACTS)},
        "percent": percent(1_500, language),
        **{"size": "41", "sizes": "37, 42½, XL", "count": "21", "cap": "6", "quantity": "2"},
        "answer": literal("2010-07-16", "date", language),
        "product": "Blade Runner 2049",
        "product2": names(["Alien", "Rocky II"], language),
    }
    price, size = (cardinal(number, LANGUAGES[language]) for number in (79, 41))
    for event, wordings in replies()[language].items():
        for wording in wordings.values():
            for name in ("option", "option2", "name", "shop", "tier", "description", "reason", "colours"):
                wording = wording.replace(f"{{{name}}}", SOMETHING)
            said = words(wording.format(**facts), language)
            assert is_pronounceable(said), (event, said)
            assert words(said, language) == said
            assert (price in said) == any(f"{{{fact}}}" in wording for fact in FACTS), (event, said)
            assert (size in said) == ("{size}" in wording), (event, said)
            assert said[-1] == wording[-1]


SIGNS = "0125 -–—/:.,!?€$%°ºª#@&+=~x×()«»\"'’\u00a0\u202f\n½²③Ⅳ३😀\u200d\u0301éя你\ue000\ud800"
WORDS = """007|1999|1,249.50|1.249,50|R$|CHF|°C|...|Rocky|II|XXL|kg|l|pm|st|er|e|Uhr|г.|руб.|мая|November|nov.
 de |der |www.|a.com|me@x.org|XXe|-й|No.|million"""
PIECES = [*SIGNS, *re.split("[|\n]", WORDS)]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=10).map("".join) | st.text(max_size=20)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(TEXTS, st.sampled_from(sorted(LANGUAGES)))
@example("me@x.orgme@x.org", "de")
@example("9" * 5000 + ",000" * 50, "en")
@example("\u0301\u0301", "fr")
@example("1⁄0 ⅟0 0/0 31.02.2026 99:99 0000-00-00", "de")
def test_whatever_comes_is_pronounceable_and_settled(text: str, language: str) -> None:
    said = words(text, language)
    assert is_pronounceable(said)
    assert words(said, language) == said


@given(st.integers(0, 10**12), st.sampled_from(sorted(LANGUAGES)))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_grouped_number_is_the_number(number: int, language: str) -> None:
    spoken = LANGUAGES[language]
    if not 1100 <= number < 2100 and len(str(number)) < 7:
        assert words(str(number), language) == cardinal(number, spoken)
    if number >= 10_000:
        assert words(format_decimal(number, locale=spoken.locale), language) == cardinal(number, spoken)
