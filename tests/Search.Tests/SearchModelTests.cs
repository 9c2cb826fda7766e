namespace Agora.Search.Tests;

/// <summary>
/// The index against the documented formula computed the slow way, after every kind of change: of few documents all are read, of 1,500 what a page needs. The vocabulary needs no stemming,
/// so that the model stays free of the tokenizer: three-letter words, and pairs of Han characters between spaces.
/// </summary>
public sealed class SearchModelTests
{
    private static readonly string[] Words = ["sun", "map", "fox", "ink", "oak", "jam", "翻訳", "天気", "文書", "画像"];
    private static readonly string[] Categories = ["art", "Art", "law", "web"];

    [Theory]
    [InlineData(1, 60, 20)]
    [InlineData(2, 60, 20)]
    [InlineData(3, 60, 20)]
    [InlineData(4, 1_500, 60)]
    [InlineData(5, 1_500, 60)]
    public void Any_history_of_changes_finds_what_the_formula_says(int seed, int ids, int stepsACheck)
    {
        var random = new Random(seed);
        var index = new SearchIndex();
        var model = new SortedDictionary<string, SearchDocument>(StringComparer.Ordinal);
        for (int step = 0; step < 6_000; step++)
        {
            Change(random, ids, index, model);
            if (step % stepsACheck == 0)
            {
                Compare(random, index, model, Query(random, ids));
            }
        }
    }

    private static void Change(Random random, int ids, SearchIndex index, SortedDictionary<string, SearchDocument> model)
    {
        string id = $"s{random.Next(ids)}";
        int kind = random.Next(12);
        if (kind < 2)
        {
            Assert.Equal(model.Remove(id), index.Remove(id));
            return;
        }

        if (kind < 4)
        {
            int group = Group(random);
            Assert.Equal(model.ContainsKey(id), index.Group(id, group));
            if (model.TryGetValue(id, out var held))
            {
                model[id] = held with { Group = group };
            }

            return;
        }

        var document = new SearchDocument(
            id, Text(random, 3), Text(random, 12) + Told(random), random.GetItems(Categories, 1)[0], random.Next(100), $"p{random.Next(random.Next(2, 40))}") { Group = Group(random) };
        model[id] = document;
        if (random.Next(500) == 0)
        {
            index.Load(model.Values);
        }
        else index.Upsert(document);
    }

    /// <summary>A word that nearly all have, and one that hardly any has: they are looked up in another way.</summary>
    private static string Told(Random random) => (random.Next(20) > 0 ? " cat" : "") + (random.Next(30) == 0 ? " yak" : "");

    /// <summary>Most have one, a few have others, of which each is rarer.</summary>
    private static int Group(Random random) => random.Next(random.Next(1, 6));

    private static string Text(Random random, int words) => string.Join(' ', random.GetItems(Words, random.Next(words)));

    private static SearchQuery Query(Random random, int ids) => new()
    {
        Text = random.Next(4) switch { 0 => "yak cat", 1 => "cat nowhere yak", _ => Text(random, 5) },
        Category = random.Next(6) == 0 ? "ART" : null,
        Provider = random.Next(10) == 0 ? $"p{random.Next(5)}" : null,
        MaxPriceMicros = random.Next(6) == 0 ? random.Next(100) : null,
        AllowedCategories = random.Next(6) == 0 ? ["law", "ART"] : null,
        OnlyIds = random.Next(6) == 0 ? Enumerable.Range(0, ids / 2).Select(i => $"s{i}").ToHashSet() : null,
        Preferred = random.Next(4) == 0 ? random.Next(2) == 0 ? new(["law"], []) : new(["art"], ["p7", "nobody"]) : null,
        OnlyPreferred = random.Next(8) == 0,
        Boosts = Enumerable.Range(0, random.Next(60)).ToDictionary(i => $"s{i}", i => i % 5),
        IsLifted = random.Next(5) switch { 0 => null, 1 => static _ => false, 2 => static group => group is 4, _ => static group => group is 0 or 2 },
        OnlyLifted = random.Next(3) == 0,
        Limit = SearchQuery.MaxLimit,
    };

    private static void Compare(Random random, SearchIndex index, SortedDictionary<string, SearchDocument> model, SearchQuery query)
    {
        var expected = Expected([.. model.Values], query);
        var page = index.Search(query);
        List<SearchHit> all = [.. page.Hits, .. index.Search(query with { Offset = query.Limit }).Hits];

        Assert.Equal(model.Count, index.Count);
        Assert.Equal(expected.Count, page.TotalCount);
        Assert.Equal(expected.Keys, all.Select(hit => hit.Id).Order(StringComparer.Ordinal));
        Assert.All(all, hit => Assert.Equal(expected[hit.Id], hit.Relevance, 1e-9));
        Assert.Equal(all.OrderByDescending(hit => hit.Relevance).ThenBy(hit => hit.Id, StringComparer.Ordinal), all);
        for (int i = 0; i < 3; i++)
        {
            var (offset, limit) = (random.Next(3) * random.Next(20), random.Next(1, 12));
            var few = index.Search(query with { Offset = offset, Limit = limit });
            Assert.Equal(all.Skip(offset).Take(limit), few.Hits);
            Assert.Equal(expected.Count, few.TotalCount);
        }
    }

    private static SortedDictionary<string, double> Expected(List<SearchDocument> documents, SearchQuery query)
    {
        var found = new SortedDictionary<string, double>(StringComparer.Ordinal);
        string[] terms = [.. query.Text!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct()];
        double average = documents.Count == 0 ? 1 : documents.Average(Length);
        double[] idfs = [.. terms.Select(term => documents.Count(document => Frequency(document, term) > 0)).Select(holding => Math.Log(1 + (documents.Count - holding + 0.5) / (holding + 0.5)))];
        foreach (var document in documents.Where(document => Passes(document, query)))
        {
            double score = 0;
            double attainable = 0;
            foreach (var (term, idf) in terms.Zip(idfs))
            {
                double frequency = Frequency(document, term);
                attainable += idf * 2.2;
                score += idf * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * Length(document) / average));
            }

            double text = terms.Length == 0 ? 0.5 : score / attainable;
            if (text == 0) continue;
            double odds = text / (1 - text) * (1 + 0.5 * (Class(document, query) + (IsLiked(document, query) ? 1 : 0)));
            found[document.Id] = odds / (1 + odds);
        }

        return found;
    }

    private static bool Passes(SearchDocument document, SearchQuery query)
    {
        bool IsOf(string category) => string.Equals(category, document.Category, StringComparison.OrdinalIgnoreCase);
        return (query.Category is null || IsOf(query.Category))
            && (query.AllowedCategories is null || query.AllowedCategories.Any(IsOf))
            && (query.Provider is null || query.Provider == document.Provider)
            && (!query.OnlyPreferred || IsLiked(document, query))
            && (query.MaxPriceMicros is null || document.PriceMicros <= query.MaxPriceMicros)
            && (query.OnlyIds is null || query.OnlyIds.Contains(document.Id))
            && (!query.OnlyLifted || Class(document, query) > 0);
    }

    private static int Class(SearchDocument document, SearchQuery query) =>
        query.Boosts!.TryGetValue(document.Id, out int boost) ? boost : query.IsLifted?.Invoke(document.Group) == true ? 1 : 0;

    private static bool IsLiked(SearchDocument document, SearchQuery query) => query.Preferred is { } liked
        && (liked.Categories.Contains(document.Category, StringComparer.OrdinalIgnoreCase) || liked.Providers.Contains(document.Provider));

    private static int Frequency(SearchDocument document, string term) =>
        Fields(document).Sum(field => field.Weight * field.Text.Split(' ').Count(word => word == term));

    private static int Length(SearchDocument document) =>
        Fields(document).Sum(field => field.Weight * field.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);

    private static (string Text, int Weight)[] Fields(SearchDocument document) =>
        [(document.Name, 5), (document.Category, 3), (document.Description, 1)];
}
