#include "core/fragrance/vocabulary.hpp"

#include <algorithm>
#include <map>

namespace holdfast::fragrance {
namespace {

/// Words that mean the same, in a list with commas.
struct Entry {
  Term term;
  std::string_view words;
};

// A table of the program and no file of the recipe: a brief by rules is what is left when everything else is away, and
// what a model's brief is held against.
constexpr Entry kEntries[] = {
    {{Topic::style, "fresh"}, "fresh, freshness, refreshing"},
    {{Topic::style, "floral"}, "floral, flowery, flower"},
    {{Topic::style, "woody"}, "woody, wood, woodsy"},
    {{Topic::style, "oriental"}, "oriental, ambery"},

    {{Topic::family, "citrus"}, "citrus, citric, citrusy, hesperidic, hesperidia"},
    {{Topic::family, "green"},
     "green, grassy, leafy, herbal, herby, herbaceous, aromatic, botanical, minty, fougere"},
    {{Topic::family, "aquatic"}, "aquatic, marine, watery, ozonic, oceanic, maritime, salty"},
    {{Topic::family, "fruity"}, "fruity, fruit, juicy, berry, tropical"},
    {{Topic::family, "spicy"}, "spicy, spice, spiced, peppery, warm spicy, fresh spicy"},
    {{Topic::family, "woody"}, "smoky, leathery, mossy, earthy, chypre"},
    {{Topic::family, "amber"}, "balsamic, resinous, resin, incensey"},
    {{Topic::family, "musky"}, "musky, powdery, soapy, skin scent, cottony"},
    {{Topic::family, "gourmand"}, "gourmand, sweet, sweetness, sugary, edible, dessert, creamy, nutty"},

    {{Topic::note, "citrus"},
     "bergamot, lemon, lime, orange, blood orange, bitter orange, mandarin, tangerine, clementine, grapefruit, "
     "pomelo, yuzu, petitgrain, citron, lemongrass, verbena, kumquat"},
    {{Topic::note, "green"},
     "mint, peppermint, spearmint, basil, rosemary, sage, clary sage, thyme, lavender, tea, green tea, grass, cut "
     "grass, galbanum, fig leaf, violet leaf, tomato leaf, eucalyptus, artemisia, wormwood, absinthe, juniper, "
     "fern, bamboo, ivy, cucumber, chamomile, tarragon, coriander, angelica, aloe"},
    {{Topic::note, "aquatic"},
     "sea, sea salt, salt, ocean, sea breeze, sea spray, seaweed, driftwood, rain, water, water lily, lotus, "
     "calone, ozone, dew"},
    {{Topic::note, "fruity"},
     "apple, pear, peach, apricot, plum, cherry, raspberry, strawberry, blackberry, blueberry, black currant, "
     "blackcurrant, cassis, red currant, cranberry, pomegranate, pineapple, mango, passion fruit, passionfruit, "
     "lychee, litchi, melon, watermelon, fig, grape, rhubarb, guava, papaya, banana, kiwi, quince, dried fruit"},
    {{Topic::note, "floral"},
     "rose, jasmine, lily, lily of the valley, muguet, tuberose, gardenia, iris, orris, violet, peony, magnolia, "
     "freesia, neroli, orange blossom, cherry blossom, apple blossom, almond blossom, tobacco blossom, ylang "
     "ylang, ylang, mimosa, geranium, carnation, honeysuckle, frangipani, plumeria, narcissus, daffodil, hyacinth, "
     "lilac, wisteria, osmanthus, heliotrope, orchid, camellia, hibiscus, bellflower, daisy, marigold, linden "
     "blossom, champaca, tulip, poppy, petal"},
    {{Topic::note, "spicy"},
     "pepper, black pepper, pink pepper, white pepper, sichuan pepper, cinnamon, cardamom, clove, nutmeg, ginger, "
     "saffron, cumin, anise, star anise, caraway, turmeric, chili, allspice, elemi"},
    {{Topic::note, "woody"},
     "cedar, cedarwood, sandalwood, vetiver, patchouli, oud, agarwood, oakmoss, moss, oak, pine, fir, cypress, "
     "birch, teak, ebony, rosewood, cashmere wood, guaiac wood, gaiac, leather, suede, tobacco, smoke, hay, earth, "
     "soil, mahogany, hinoki"},
    {{Topic::note, "amber"},
     "amber, ambergris, ambroxan, labdanum, benzoin, frankincense, incense, olibanum, myrrh, opoponax, styrax, "
     "peru balsam, tolu balsam, cistus, copal"},
    {{Topic::note, "musky"},
     "musk, white musk, ambrette, cashmeran, cashmere, aldehyde, cotton, linen, clean laundry, soap, powder, "
     "civet, castoreum"},
    {{Topic::note, "gourmand"},
     "vanilla, tonka, tonka bean, caramel, chocolate, cocoa, cacao, coffee, espresso, honey, praline, toffee, "
     "almond, bitter almond, hazelnut, pistachio, coconut, milk, cream, marshmallow, cotton candy, brown sugar, "
     "sugar, licorice, liquorice, rum, whisky, whiskey, cognac, maple, biscuit, cookie, macaron, rice, butter"},

    {{Topic::mood, "fresh", -0.1},
     "summer, summery, summertime, heat, beach, seaside, coast, mediterranean, sicilian, vacation"},
    {{Topic::mood, "fresh", -0.1},
     "morning, sunrise, daytime, sport, sporty, gym, workout, shower, swimming, athletic, crisp, zesty, breezy"},
    {{Topic::mood, "fresh", -0.15},
     "office, work, everyday, daily, casual, school, clean, transparent, sparkling, airy"},
    {{Topic::mood, "floral", -0.05},
     "spring, springtime, garden, romantic, romance, feminine, wedding, bride, bridal, tender, blooming"},
    {{Topic::mood, "floral", 0}, "meadow, picnic, innocent, girly, graceful, afternoon, elegant, ladylike"},
    {{Topic::mood, "woody", 0.05},
     "autumn, autumnal, fall, masculine, mountain, cabin, hiking, rustic, rugged, outdoors, forest, woodland"},
    {{Topic::mood, "woody", 0}, "business, gentleman, library, meditative, grounded, calm, dry, contemplative"},
    {{Topic::mood, "oriental", 0.15},
     "evening, night, nighttime, date night, party, club, gala, opera, seductive, sensual, sexy"},
    {{Topic::mood, "oriental", 0.15},
     "winter, wintry, christmas, holiday season, fireplace, cozy, cosy, snow, cold"},
    {{Topic::mood, "oriental", 0.1},
     "mysterious, dark, warm, luxurious, opulence, velvet, velvety, desert, arabian, exotic, eastern"},

    {{Topic::intensity, "", 0.15}, "barely there, whisper, ethereal, featherlight, sheer, faint, weak"},
    {{Topic::intensity, "", 0.3},
     "subtle, soft, light, lightweight, delicate, gentle, discreet, understated, quiet, mild"},
    {{Topic::intensity, "", 0.5}, "moderate, medium, balanced"},
    {{Topic::intensity, "", 0.8},
     "strong, intense, bold, powerful, heavy, potent, rich, long lasting, longlasting, persistent, lasting, deep, "
     "loud, projecting, noticeable, punchy"},
    {{Topic::intensity, "", 0.95}, "overwhelming, beast mode, room filling, enormous, massive, explosive"},

    {{Topic::complexity, "", 0.2},
     "simple, simplicity, minimal, minimalist, minimalistic, linear, uncomplicated, single note, soliflore, plain, "
     "pure, straightforward, basic"},
    {{Topic::complexity, "", 0.8},
     "complex, layered, multilayered, multifaceted, faceted, sophisticated, intricate, evolving, unfolding, "
     "opulent, nuanced, elaborate, kaleidoscopic"},

    {{Topic::category, "EDP"}, "edp, eau de parfum, extrait, extrait de parfum, parfum"},
    {{Topic::category, "EDT"}, "edt, eau de toilette, toilette"},
    {{Topic::category, "Cologne"}, "cologne, eau de cologne, edc, splash"},
    {{Topic::category, "Body Spray"}, "body spray, bodyspray, body mist, mist, deodorant, deodorant spray"},
};

using Table = std::map<std::string_view, Term, std::less<>>;

void add(Table& table, const Entry& entry) {
  std::string_view rest = entry.words;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(", "), rest.size());
    table.emplace(rest.substr(0, end), entry.term);  // the first entry of a word is the one that counts
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
}

const Table& table() {
  static const Table made = [] {
    Table out;
    for (const Entry& entry : kEntries) add(out, entry);
    return out;
  }();
  return made;
}

const Term* look_up(std::string_view words, std::string_view* name) {
  const auto found = table().find(words);
  if (found == table().end()) return nullptr;
  if (name != nullptr) *name = found->first;
  return &found->second;
}

}  // namespace

const Term* find_term(std::string_view words, std::string_view* name) {
  if (const Term* term = look_up(words, name); term != nullptr) return term;
  if (words.size() > 4 && words.ends_with("ies")) {
    return look_up(std::string{words.substr(0, words.size() - 3)} + "y", name);
  }
  if (words.size() > 4 && words.ends_with("es")) {
    if (const Term* term = look_up(words.substr(0, words.size() - 2), name); term != nullptr) return term;
  }
  return words.size() > 3 && words.ends_with('s') ? look_up(words.substr(0, words.size() - 1), name) : nullptr;
}

}  // namespace holdfast::fragrance
