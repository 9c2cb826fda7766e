using System.Diagnostics;
using Agora.Benchmarks.Results;
using Agora.Search;

namespace Agora.Benchmarks;

/// <summary>Queries of one to four words, one after the other on one core, over services in English and Japanese.</summary>
internal static class Search
{
    private static readonly string[] English =
    [
        "weather", "forecast", "translate", "document", "summary", "image", "speech", "payment", "currency", "stock", "market", "news", "travel", "hotel", "flight",
        "train", "route", "map", "address", "parse", "invoice", "contract", "legal", "medical", "recipe", "food", "restaurant", "review", "sentiment", "keyword",
        "search", "index", "video", "music", "game", "sports", "score", "calendar", "meeting", "email", "chat", "support", "ticket", "code", "test", "deploy",
        "database", "query", "report", "chart",
    ];

    private static readonly string[] Japanese =
    [
        "天気", "予報", "翻訳", "文書", "要約", "画像", "音声", "支払い", "通貨", "株価", "市場", "ニュース", "旅行", "ホテル", "航空券", "電車", "経路", "地図", "住所", "解析",
        "請求書", "契約", "法律", "医療", "料理", "食品", "レストラン", "評価", "感情分析", "キーワード", "検索", "動画", "音楽", "ゲーム", "予定表", "会議", "メール", "問い合わせ",
    ];

    public static Measures Run(Options options)
    {
        var (services, queries) = (options.Number("services", 100_000), options.Number("queries", 5_000));
        var random = new Random(options.Number("seed", 1));
        var documents = Enumerable.Range(0, services).Select(n => Document(random, n)).ToList(); // whoever has the index has them anyway
        var before = Report.Live();
        var index = new SearchIndex();
        var started = Stopwatch.GetTimestamp();
        index.Load(documents);
        var loaded = Stopwatch.GetElapsedTime(started);
        var memory = Report.Live() - before;

        Measure(500, () => Query(random), index);
        var ticks = Measure(queries, () => Query(random), index);
        var changes = Changes(index, random, services, options.Number("changes", 20_000));
        var listing = Measure(queries / 10, () => new SearchQuery { Offset = random.Next(10) * 50 }, index);
        var found = Measures.Of(("p50 a query", Report.Milliseconds(Report.Percentile(ticks, 0.50)), ""),
            ("p95 a query", Report.Milliseconds(Report.Percentile(ticks, 0.95)), "goal < 10 ms"),
            ("p99 a query", Report.Milliseconds(Report.Percentile(ticks, 0.99)), ""),
            ("memory of the index", Report.Megabytes(memory), "goal < 200 MB"),
            ("load", $"{Report.Of(loaded.TotalSeconds, 2)} s", ""),
            ("p50 a listing after the changes", Report.Milliseconds(Report.Percentile(listing, 0.50)), ""),
            ("p50 a change", Report.Milliseconds(Report.Percentile(changes, 0.50)), ""),
            ("p99 a change", Report.Milliseconds(Report.Percentile(changes, 0.99)), ""),
            ("longest change", Report.Milliseconds(Report.Percentile(changes, 1)), ""),
            ("mean of all changes", Report.Milliseconds(Stopwatch.GetElapsedTime(0, (long)changes.Average())), "goal < 1 ms"));
        GC.KeepAlive(index);
        GC.KeepAlive(documents);
        return found;
    }

    private static long[] Measure(int count, Func<SearchQuery> next, SearchIndex index)
    {
        var ticks = new long[count];
        for (var n = 0; n < count; n++)
        {
            var query = next();
            var started = Stopwatch.GetTimestamp();
            index.Search(query);
            ticks[n] = Stopwatch.GetTimestamp() - started;
        }

        return ticks;
    }

    private static long[] Changes(SearchIndex index, Random random, int services, int count)
    {
        var ticks = new long[count];
        for (var n = 0; n < count; n++)
        {
            var document = Document(random, random.Next(services));
            var started = Stopwatch.GetTimestamp();
            index.Upsert(document);
            ticks[n] = Stopwatch.GetTimestamp() - started;
        }

        return ticks;
    }

    private static SearchQuery Query(Random random) =>
        new() { Text = Words(random, random.Next(1, 5), random.Next(2) == 0), MaxPriceMicros = random.Next(4) == 0 ? 500_000 : null };

    private static SearchDocument Document(Random random, int n)
    {
        var japanese = n % 2 == 1;
        return new($"service-{n}", $"{Words(random, 3, japanese)} {n}", Words(random, 25, japanese), $"category-{n % 40}", random.Next(1_000_000));
    }

    // A few words are common and most are rare, as in real texts.
    private static string Words(Random random, int count, bool japanese)
    {
        var words = japanese ? Japanese : English;
        return string.Join(japanese ? "の" : " ", Enumerable.Range(0, count).Select(_ => words[(int)(words.Length * Math.Pow(random.NextDouble(), 2))]));
    }
}
