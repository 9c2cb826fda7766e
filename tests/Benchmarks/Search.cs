using System.Diagnostics;
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

    public static void Run(Options options)
    {
        var (services, queries) = (options.Number("services", 100_000), options.Number("queries", 5_000));
        var random = new Random(options.Number("seed", 1));
        var before = Report.Live();
        var index = new SearchIndex();
        var started = Stopwatch.GetTimestamp();
        index.Load(Enumerable.Range(0, services).Select(n => Document(random, n)));
        var loaded = Stopwatch.GetElapsedTime(started);
        var memory = Report.Live() - before;

        Measure(index, random, 500);
        var ticks = Measure(index, random, queries);
        started = Stopwatch.GetTimestamp();
        index.Upsert(Document(random, services / 2));
        var changed = Stopwatch.GetElapsedTime(started);
        Report.Print(
            "search",
            options,
            ("p50 a query", Report.Milliseconds(Report.Percentile(ticks, 0.50)), ""),
            ("p95 a query", Report.Milliseconds(Report.Percentile(ticks, 0.95)), "goal < 10 ms"),
            ("p99 a query", Report.Milliseconds(Report.Percentile(ticks, 0.99)), ""),
            ("memory of the index", Report.Megabytes(memory), "goal < 200 MB"),
            ("load", $"{Report.Of(loaded.TotalSeconds, 2)} s", ""),
            ("one change", Report.Milliseconds(changed), ""));
        GC.KeepAlive(index);
    }

    private static long[] Measure(SearchIndex index, Random random, int count)
    {
        var ticks = new long[count];
        for (var n = 0; n < count; n++)
        {
            var query = new SearchQuery { Text = Words(random, random.Next(1, 5), random.Next(2) == 0), MaxPriceMicros = random.Next(4) == 0 ? 500_000 : null };
            var started = Stopwatch.GetTimestamp();
            index.Search(query);
            ticks[n] = Stopwatch.GetTimestamp() - started;
        }

        return ticks;
    }

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
