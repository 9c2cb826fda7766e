using System.Diagnostics;
using Agora.Benchmarks.Results;
using Agora.Contracts;
using Agora.Core.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Benchmarks.Growing;

/// <summary>Open sessions on SQLite, five a user: how fast more of them open, what the live ones take, and, after a start, how long one that is not in memory takes to come to life.</summary>
internal static class SessionGrowth
{
    private const string Title = "Sessions", Opened = "opened a second", P50 = "cold activation p50 ms", P95 = "cold activation p95 ms", Memory = "live memory B a session", Disk = "disk B a session";
    private const int ColdOnes = 500, Counted = 1_000;

    public static readonly IReadOnlyList<Plot> Plots =
    [
        new Curves("growth-sessions-opened.svg", "Sessions opened a second, as there are more of them", Title, "open sessions", "/s", [Opened]),
        new Curves("growth-sessions-cold.svg", "A session that is not in memory comes to life, ms", Title, "open sessions", "ms", [P50, P95]),
        new Curves("growth-sessions-bytes.svg", "Bytes a session, in memory and on disk", Title, "open sessions", "B", [Memory, Disk]),
    ];

    public static readonly IReadOnlyList<Level> Levels =
    [
        new("opening a session", Title, Opened, IsRate: true, "an append of its own; the last thousand of each size"),
        new("a cold session comes to life, p50", Title, P50, IsRate: false, "one look by the stream's name, and its rows"),
        new("live memory of a session", Title, Memory, IsRate: false, "nothing is kept for all of them together"),
        new("disk of a session", Title, Disk, IsRate: false, "its rows, its user's, and their indexes"),
    ];

    public static async Task<Table> Measure(IReadOnlyList<int> sizes)
    {
        using var directory = new ScratchDirectory();
        var ids = new Guid[sizes[^1]];
        List<IReadOnlyList<string>> rows = [];
        foreach (var (n, size) in sizes.Index())
        {
            var (rate, memory) = await Open(directory.Path, ids, n == 0 ? 0 : sizes[n - 1], size);
            var disk = directory.Bytes();
            var cold = await Cold(directory.Path, ids.AsMemory(0, size));
            rows.Add([Report.Of(size), Report.Of(rate), Growth.Milliseconds(Report.Percentile(cold, 0.5)), Growth.Milliseconds(Report.Percentile(cold, 0.95)), Report.Of(memory), Report.Of(disk / (double)size)]);
        }

        return new(Title, ["sessions", Opened, P50, P95, Memory, Disk], rows);
    }

    /// <returns>How many of the last thousand a second, and bytes of those that were opened, each live.</returns>
    private static async Task<(double Rate, double Memory)> Open(string directory, Guid[] ids, int from, int to)
    {
        await using var product = await Product.Start(directory);
        var entities = product.Services.GetRequiredService<IEntities>();
        await Sessions.Open(entities, -1); // for the just-in-time compiler
        var before = Report.Live();
        var last = Math.Max(from, to - Counted);
        await Open(entities, ids, from, last);
        var started = Stopwatch.GetTimestamp();
        await Open(entities, ids, last, to);
        var took = Stopwatch.GetElapsedTime(started);
        return ((to - last) / took.TotalSeconds, (Report.Live() - before) / (double)(to - from));
    }

    private static Task Open(IEntities entities, Guid[] ids, int from, int to) =>
        Parallel.ForEachAsync(Enumerable.Range(from / Sessions.OfEachUser, (to - from) / Sessions.OfEachUser), new ParallelOptions { MaxDegreeOfParallelism = Sessions.AtOnce }, async (user, _) =>
        {
            foreach (var (n, id) in (await Sessions.Open(entities, user)).Index()) ids[(user * Sessions.OfEachUser) + n] = Guid.Parse(id);
        });

    private static async Task<long[]> Cold(string directory, ReadOnlyMemory<Guid> ids)
    {
        await using var product = await Product.Start(directory);
        var entities = product.Services.GetRequiredService<IEntities>();
        var random = new Random(1);
        var ticks = new List<long>();
        foreach (var n in Enumerable.Range(0, ids.Length).OrderBy(_ => random.Next()).Take(ColdOnes + 50))
        {
            var started = Stopwatch.GetTimestamp();
            await entities.Session(ids.Span[n].ToString()).Send(new SessionCommand.Peek(), new(Guid.CreateVersion7()));
            ticks.Add(Stopwatch.GetTimestamp() - started);
        }

        return [.. ticks.Skip(50)]; // the first ones are for the just-in-time compiler
    }
}
