using System.Diagnostics;
using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Services;
using Agora.Benchmarks.Results;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;

namespace Agora.Benchmarks;

/// <summary>
/// What a search does within the process, on one core: as many campaigns as services, each for one, and a user who has completed one of them. Every name has one word in common;
/// beside it the same search by words that one service has, and by what filters: a twentieth of all are of one category, half cost at most the price asked for.
/// </summary>
internal static class SponsoredSearches
{
    private const int Prices = 97, Cent = 10_000;

    private static readonly string[] Categories =
        ["text", "image", "sound", "video", "maps", "law", "money", "travel", "food", "sport", "health", "school", "games", "news", "stock", "code", "art", "music", "chat", "home"];

    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static Measures Run(Options options)
    {
        var (services, seconds) = (options.Number("services", 1_000), options.Number("seconds", 3));
        var catalogue = new ServiceCatalogue();
        catalogue.Load([.. Enumerable.Range(0, services).Select(Service)], [.. Enumerable.Range(0, services).Select(Campaign)]);
        var page = new Page(0, 10);
        var common = new ServiceSearch("summarizer", null, null, null, false, false, false, page);
        return Measures.Of([
            .. Lines("a word that all have, and one that one has", n => common with { Text = $"summarizer {n}" }),
            .. Lines("a word that one has", n => common with { Text = $"{n}" }),
            .. Lines("all", _ => common with { Text = null }),
            .. Lines("a word that all have, of a category", n => common with { Category = Categories[n % Categories.Length] }),
            .. Lines("a word that all have, at most a price", n => common with { MaxPriceMicros = (Prices / 2 * Cent) + (n % 100) }),
            .. Lines("a word that all have, sponsored", _ => common with { OnlySponsored = true }),
            .. Lines("a word that all have, where none would pay", _ => common, tasks: "none"),
        ]);

        IEnumerable<(string, string, string)> Lines(string what, Func<int, ServiceSearch> search, string tasks = "*")
        {
            var (micros, bytes) = Measure(seconds, n => catalogue.Search(search(n % services).Query(Flow(catalogue, n % services, tasks))).Hits.Count);
            return [($"{what}: µs", Report.Of(micros, 1), ""), ("KB", Report.Of(bytes / 1024, 1), "")];
        }
    }

    private static (double Micros, double Bytes) Measure(int seconds, Func<int, int> search)
    {
        Count(seconds, search);
        var (started, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        var count = Count(seconds, search);
        return (Stopwatch.GetElapsedTime(started).TotalMicroseconds / count, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count);
    }

    private static int Count(int seconds, Func<int, int> search)
    {
        var count = 0;
        for (var ends = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency); Stopwatch.GetTimestamp() < ends; count++)
        {
            if (search(count) == 0) throw new InvalidOperationException("Nothing was found.");
        }

        return count;
    }

    private static ServiceEntry Service(int n) =>
        new($"service-{n}", new($"Summarizer {n}", "Summarizes a text", Categories[n % Categories.Length], (1 + (n % Prices)) * Cent, "https://a.example", $"provider-{n}", null, null, null, null, 1_000, Active: true), Disabled: false, Noon);

    private static CampaignEntry Campaign(int n) => new(
        $"campaign-{n}", new("Acme", null, new("Survey", "survey", "", "true", ["preferences"], ["data_sharing"]), [new($"service-{n}", null)], [], 10, null, null, null, null, null, Active: true), Closed: false, Noon);

    private static FlowState Flow(ServiceCatalogue catalogue, int n, string tasks)
    {
        var all = new Scopes([tasks], ["*"], ["*"], ["*"]);
        var session = new SessionView("s", "agent", "user", all, new(1_000_000, 0, 0, 1_000_000), new(0, 60), Noon, Noon.AddHours(1), null, false, null, []);
        return new(Tenant.Default, session, new([new($"campaign-{n}", Guid.Empty, Noon, 0, 0, true)]), 1_000_000, null, catalogue, new(new()), Noon);
    }
}
