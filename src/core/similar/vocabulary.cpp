#include "core/similar/vocabulary.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string>

namespace holdfast::similar {
namespace {

/// Words that mean the same stand in one text. The first of numbers and units is the usual one.
using Groups = std::span<const std::string_view>;

constexpr auto kNames = std::to_array<std::string_view>({
    // notes and families
    "floral flower flowery floralcy", "woody wood woods woodsy wooden", "citrus citrusy citric hesperidic",
    "spicy spice spiced spiciness", "fruity fruit", "green greenish", "oriental ambery amber", "musk musky musks",
    "leather leathery suede", "smoke smoky smoked smokey", "powdery powder", "aquatic marine oceanic sea ocean seaside",
    "herbal herb herbaceous", "earthy earth soil", "gourmand edible dessert", "aldehyde aldehydic soapy soap",
    "vanilla vanillic", "rose rosy", "jasmine", "lavender", "iris orris", "violet", "peony", "lily", "valley",
    "tuberose",
    "gardenia", "magnolia", "ylang", "neroli", "blossom", "freesia", "geranium", "carnation", "mimosa", "osmanthus",
    "heliotrope", "hyacinth", "lotus", "orchid", "plumeria frangipani", "honeysuckle", "wisteria", "daisy", "narcissus",
    "cedar cedarwood", "sandalwood sandal", "oud agarwood oudh", "vetiver", "patchouli", "oakmoss oak", "moss mossy",
    "pine piney fir", "cypress", "birch", "guaiac", "bamboo", "cashmere", "papyrus", "teak", "driftwood", "forest",
    "lemon lemony", "lime", "bergamot", "orange orangey", "mandarin tangerine", "grapefruit", "yuzu", "verbena",
    "petitgrain", "pomelo", "clementine", "apple", "pear", "peach peachy", "plum", "apricot", "cherry", "berry",
    "strawberry", "raspberry", "blackberry", "currant blackcurrant cassis", "mango", "pineapple", "coconut", "banana",
    "melon watermelon", "fig", "grape", "pomegranate", "lychee litchi", "passionfruit", "guava", "papaya", "rhubarb",
    "pepper peppery peppercorn", "cardamom", "cinnamon", "clove", "clover", "nutmeg", "ginger gingery", "saffron",
    "cumin", "anise aniseed", "licorice liquorice", "coriander", "pimento", "juniper", "chili chilli",
    "mint minty", "peppermint", "spearmint", "eucalyptus", "basil", "rosemary", "thyme", "sage", "tarragon", "fennel",
    "camphor", "grass grassy", "hay", "tea", "matcha", "tobacco", "incense olibanum frankincense", "myrrh", "benzoin",
    "labdanum", "styrax", "elemi", "resin resinous", "tonka", "coumarin", "caramel toffee", "chocolate cocoa cacao",
    "coffee espresso", "honey honeyed", "praline", "almond marzipan", "hazelnut", "pistachio", "nut nutty",
    "milk milky",
    "cream creamy", "butter buttery", "sugar sugary", "candy", "marshmallow", "popcorn", "bread", "rum",
    "whisky whiskey",
    "cognac", "wine", "champagne", "gin", "ambergris", "ambroxan", "civet", "castoreum", "iso", "calone", "salt salty",
    "cotton", "linen laundry", "rain petrichor", "snow", "sand", "desert", "mountain", "ink", "metal metallic",
    "rubber",
    "gasoline petrol", "paper", "stone mineral", "fire bonfire campfire", "alcohol alcoholic", "nicotine", "gluten",
    // what it is for, and for whom
    "wedding bridal", "beach", "gym sport sporty workout", "date", "school university", "travel flight", "funeral",
    "interview", "garden", "kitchen", "bedroom", "bathroom", "car", "hospital", "church", "holiday vacation",
    "birthday",
    "christmas", "valentine valentines", "halloween", "anniversary",
    "husband", "wife", "father dad daddy", "mother mom mum mummy", "son", "daughter", "brother", "sister", "boyfriend",
    "girlfriend", "grandfather grandpa", "grandmother grandma", "uncle", "aunt", "boss", "friend", "colleague coworker",
    "baby child kid kids children toddler", "teacher", "dog", "cat",
    // colours
    "red", "blue", "white", "black", "pink", "yellow", "purple", "gold golden", "silver", "brown",
});

constexpr auto kCategories = std::to_array<std::string_view>({
    "edp parfum", "edt toilette", "edc cologne", "extrait", "spray mist splash", "oil", "candle", "lotion",
    "deodorant deo", "shampoo", "diffuser", "balm", "shower",
});

/// Ends of the same thing, with a bar between.
constexpr auto kPoles = std::to_array<std::string_view>({
    "light lightweight lighter airy sheer delicate weightless | heavy heavier dense thick weighty",
    "day daytime morning daylight noon afternoon | night nighttime evening midnight nocturnal tonight",
    "summer summery summertime | winter wintry wintertime | spring springtime | autumn autumnal fall",
    "hot heat warm warmer warmth cozy cosy | cold colder cool cooler chilly icy frosty freezing",
    "men man male masculine manly guy him his he gentleman boy | women woman female feminine lady her hers she girl "
    "| unisex everyone genderless androgynous genderneutral",
    "sweet sweeter sweetness sweetish sugary syrupy candied | dry drier bitter sour tart",
    "sweet sweeter sweetness sugary gourmand syrupy | fresh fresher freshness crisp refreshing",
    "more increase increased extra additional sweeter stronger lighter heavier darker brighter fresher softer warmer "
    "cooler longer louder bolder richer | less fewer decrease decreased reduce reduced",
    "strong stronger strongest intense intensely intensive powerful bold loud potent punchy | weak weaker soft softer "
    "softly subtle subtly faint quiet gentle mild discreet muted understated",
    "lots lot plenty loads much heavily mostly mainly dominant dominated generous | little hint touch trace slight "
    "slightly dash barely pinch",
    "long longer longlasting lasting enduring persistent | short shorter fleeting ephemeral",
    "simple simpler plain minimal minimalist minimalistic uncomplicated | complex complicated elaborate layered "
    "intricate multifaceted",
    "cheap cheaper affordable budget inexpensive | expensive luxury luxurious luxe pricey premium costly",
    "young younger youthful teen teenage teenager | old older mature elderly senior",
    "modern contemporary futuristic trendy | classic classical vintage retro traditional timeless",
    "indoor indoors inside | outdoor outdoors outside",
    "office work business professional workplace | party club clubbing nightclub",
    "formal blacktie | casual informal relaxed everyday",
    "dark darker moody | bright brighter sunny luminous radiant",
    "happy cheerful joyful uplifting | sad melancholic gloomy",
    "calm calming relaxing soothing | energizing energising energetic stimulating invigorating lively",
    "clean cleaner | dirty animalic",
    "wet watery moist humid | dry arid",
    "natural organic | synthetic artificial",
    "close intimate | far distant",
    "always constantly | sometimes rarely seldom occasionally",
    "high higher raise raised rising | low lower lowered falling",
    "open opened | close closed",
    "start begin beginning | stop end ending finish",
    "early earlier | late later",
    "before | after",
    "left | right",
    "up | down",
    "big bigger large larger huge | small smaller tiny mini little",
    "fast faster quick quickly rapid | slow slower slowly",
    "smooth smoother silky | rough rougher harsh sharp",
    "rich richer | thin thinner",
    "full | empty",
    "safe | dangerous risky",
    "public | private secret",
    "same identical | different other another",
    "best better good | worst worse bad",
    "love adore | tolerate",
    "buy buying purchase | sell selling",
    "accept accepted approve approved | reject rejected deny denied refuse refused",
    "enable enabled | disable disabled",
    "matte matt | shiny glossy",
    "beginner | expert advanced",
    "shy introverted | outgoing extroverted confident",
    "common mainstream popular | rare unusual unique niche",
    "serious | playful funny",
    "atleast minimum min over above morethan exceeding | atmost maximum max under below lessthan upto within",
});

constexpr std::string_view kDenials =
    "no not never without none nor neither non cannot cant dont doesnt didnt wont wouldnt shouldnt couldnt mustnt isnt "
    "arent wasnt werent hate hates hated dislike dislikes disliked detest detests loathe loathes despise avoid avoids "
    "avoiding exclude excludes excluding excluded except omit omits omitting skip skips skipping minus sans lacking "
    "lacks "
    "lack devoid remove removes removing against allergic allergy nothing nobody refuse refuses zero ban banned forbid "
    "forbidden unwanted eliminate eliminating";
constexpr std::string_view kOnly = "only solely exclusively purely solitary soliflore";
constexpr std::string_view kOrder =
    "than then before after opening opens opened starts start starting begins top heart middle base drydown ends end "
    "ending first last finally turns turning becomes becoming from into replace replaced followed instead prefer over";
constexpr auto kNumbers = std::to_array<std::string_view>({
    "2 two both twice double pair", "3 three thrice triple", "4 four", "5 five", "6 six", "7 seven", "8 eight",
    "9 nine",
    "10 ten", "11 eleven", "12 twelve dozen", "13 thirteen", "14 fourteen", "15 fifteen", "16 sixteen", "17 seventeen",
    "18 eighteen", "19 nineteen", "20 twenty", "30 thirty", "40 forty", "50 fifty", "60 sixty", "70 seventy",
    "80 eighty eighties", "90 ninety nineties", "100 hundred", "1000 thousand", "0.5 half", "0.25 quarter",
    "1000000 million", "1st first once single", "2nd", "3rd third", "4th fourth",
});
constexpr auto kUnits = std::to_array<std::string_view>({
    "ml milliliter millilitre", "cl centiliter centilitre", "l liter litre", "oz ounce", "g gram gramme",
    "kg kilo kilogram",
    "h hour hr hrs", "min minute mins", "s second sec secs", "d day", "w week", "mo month", "y year yr", "percent pct",
    "eur euro", "usd dollar buck", "gbp pound quid", "degree", "celsius c", "fahrenheit f", "cm centimeter centimetre",
    "mm millimeter millimetre", "m meter metre", "km kilometer kilometre", "inch", "ft foot feet", "mile",
    "person people",
    "note", "ingredient", "spray", "drop", "bottle", "am", "pm", "piece", "time", "layer", "accord",
});
constexpr std::string_view kFillers =
    "perfume fragrance scent smell smelling smells aroma something anything someone one thing stuff want wants "
    "wanted wish "
    "need needs needed like likes liked looking look seeking seek searching search find give gives get gets make "
    "makes made "
    "create design build suggest recommend propose show help please thanks thank hello hi really very quite truly so "
    "too "
    "overly extremely super fairly pretty just kind sort type style way bit note accord touches notes accords "
    "smellable "
    "nice great lovely beautiful pleasant perfect wonderful should could would can might may must shall will let lets "
    "id im ive ill its thats there here also as well any every all each other own new idea brief suggestion option "
    "choice "
    "use used using wear wears wearing worn wearable go going goes come comes put take bring has have having be "
    "being been "
    "if when while what which who whom whose how why where such certain particular based eau de mix blend combination "
    "composition feel feels feeling evoke evokes evoking reminiscent reminds remind character vibe mood quality "
    "overall "
    "main maybe perhaps possibly ideally preferably favorite favourite enjoy enjoys wearer body bottle juice product "
    "around during through throughout about because since signature now today of on in at by to for and or but with "
    "the a "
    "an is are was were do does did me my mine i we our us you your it this that these those some am own";

struct Vocabulary {
  std::map<std::string_view, std::vector<Meaning>> words;
  std::map<std::string_view, std::string_view> numbers;
  std::map<std::string_view, std::string_view> units;
};

template <class Visit>
void each_word(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!word.empty()) visit(word);
  }
}

void add_group(Vocabulary& all, std::string_view group, Meaning meaning) {
  each_word(group, [&](std::string_view word) {
    if (word == "|") {
      ++meaning.pole;
    } else {
      all.words[word].push_back(meaning);
    }
  });
}

void add_groups(Vocabulary& all, Groups groups, WordKind kind) {
  for (unsigned number = 0; number < groups.size(); ++number) add_group(all, groups[number], {kind, number, 0});
}

void add_canonical(std::map<std::string_view, std::string_view>& to, Groups groups) {
  for (const std::string_view group : groups) {
    const std::string_view usual = group.substr(0, group.find(' '));
    each_word(group, [&](std::string_view word) { to.emplace(word, usual); });
  }
}

Vocabulary make_vocabulary() {
  Vocabulary all;
  add_groups(all, kNames, WordKind::name);
  add_groups(all, kCategories, WordKind::category);
  add_groups(all, kPoles, WordKind::pole);
  add_groups(all, kNumbers, WordKind::number);
  add_groups(all, kUnits, WordKind::unit);
  add_group(all, kDenials, {WordKind::denial, 0, 0});
  add_group(all, kOnly, {WordKind::only, 0, 0});
  add_group(all, kOrder, {WordKind::order, 0, 0});
  add_group(all, kFillers, {WordKind::filler, 0, 0});
  add_canonical(all.numbers, kNumbers);
  add_canonical(all.units, kUnits);
  return all;
}

const Vocabulary& vocabulary() {
  static const Vocabulary kAll = make_vocabulary();
  return kAll;
}

/// The word, or its singular.
template <class Map>
typename Map::const_iterator find_word(const Map& map, std::string_view word) {
  auto found = map.find(word);
  for (const std::string_view ending : {"s", "es"}) {
    const bool plural = word.ends_with(ending) && word.size() > ending.size() + 2;
    if (found == map.end() && plural) found = map.find(word.substr(0, word.size() - ending.size()));
  }
  return found;
}

std::string_view canonical(const std::map<std::string_view, std::string_view>& map, std::string_view word) {
  const auto found = find_word(map, word);
  return found == map.end() ? word : found->second;
}

}  // namespace

const std::vector<Meaning>& meanings_of(std::string_view word) {
  static const std::vector<Meaning> kNone;
  const auto& words = vocabulary().words;
  const auto found = find_word(words, word);
  if (found != words.end()) return found->second;
  if (!word.ends_with("ies") || word.size() < 6) return kNone;
  const std::string singular = std::string{word.substr(0, word.size() - 3)} + "y";
  const auto with_y = words.find(singular);
  return with_y == words.end() ? kNone : with_y->second;
}

std::string_view canonical_number(std::string_view word) { return canonical(vocabulary().numbers, word); }
std::string_view canonical_unit(std::string_view word) { return canonical(vocabulary().units, word); }

}  // namespace holdfast::similar
