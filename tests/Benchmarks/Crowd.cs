using System.Diagnostics;
using System.Net.Http.Headers;
using Agora.Benchmarks.Filled;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;
using Agora.Journal.Postgres;
using Agora.Journal.Sqlite;
using Agora.Testing.Postgres;

namespace Agora.Benchmarks;

/// <summary>
/// What others have of lists that are asked with filters which leave nothing, many at once, over many rows of payments and of the audit: how long runs take, and a plain page,
/// while nobody asks so and while a crowd does.
/// </summary>
internal static class Crowd
{
    private const int Sessions = 64, Campaigns = 8, RunsAtOnce = 2;

    /// <summary>Nothing matches any of them, and each goes through the order of much.</summary>
    private static readonly string[] Wide =
    [
        "/admin/payments?source=sponsor&min_amount_cents=99999999", "/admin/payments?min_amount_cents=99999998&max_amount_cents=99999999", "/admin/audit?operation=find_services&response_status=502",
        "/admin/runs?source=sponsor&state=cancelled&min_amount_cents=1",
    ];

    public static async Task<Measures> Run(Options options)
    {
        var (rows, seconds, crowd, stores) = (options.Number("rows", 1_000_000), options.Number("seconds", 15), options.Number("crowd", 48), options.Text("store", "both"));
        var lines = new List<(string, string, string)>();
        using var directory = new ScratchDirectory();
        if (stores is "sqlite" or "both")
        {
            var data = Directory.CreateDirectory(Path.Combine(directory.Path, "crowd")).FullName;
            var database = options.Text("file", "") is { Length: > 0 } file ? file : Path.Combine(directory.Path, "filled.db"); // One that is there was filled by an earlier call.
            if (!File.Exists(database))
            {
                await FilledSqlite.Make(database, rows);
                await using var journal = SqliteJournal.Open(new() { Path = database });
                await FilledOnce.Make(journal, AuditRows.Table, rows, AuditRows.Of);
            }

            File.Copy(database, Path.Combine(data, "agora.db"));
            await using var server = await Child.StartServer("serve-agora", "--data", data);
            lines.AddRange(await Measure("SQLite", server, seconds, crowd));
        }

        if (stores is "postgres" or "both")
        {
            using var postgres = PostgresServer.Start(settings: "-c shared_buffers=512MB -c max_wal_size=4GB");
            var database = postgres.CreateDatabase("crowd");
            await FilledPostgres.Make(database, rows);
            await using (var journal = await PostgresJournal.Open(new() { ConnectionString = database }))
            {
                await FilledOnce.Make(journal, AuditRows.Table, rows, AuditRows.Of);
            }

            PostgresServer.Execute(database, "VACUUM ANALYZE");
            await using var server = await Child.StartServer("serve-agora", "--data", Path.Combine(directory.Path, "crowd-postgres"), "--postgres", database);
            lines.AddRange(await Measure("PostgreSQL", server, seconds, crowd));
        }

        return Measures.Of([.. lines]);
    }

    private static async Task<IReadOnlyList<(string, string, string)>> Measure(string store, Child server, int seconds, int crowd)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(5) };
        var sessions = await Market.Open(server.Address, Sessions, Campaigns);
        await Others(http, sessions, seconds / 3); // warm
        var calm = await Others(http, sessions, seconds);
        using var stop = new CancellationTokenSource();
        var asked = Enumerable.Range(0, crowd).Select(n => Ask(http, Wide[n % Wide.Length], stop.Token)).ToList();
        await Others(http, sessions, seconds / 3);
        var crowded = await Others(http, sessions, seconds);
        await stop.CancelAsync();
        long[] wide = [.. (await Task.WhenAll(asked)).SelectMany(ticks => ticks)];
        return [($"{store}: while nobody asks so", "", ""), .. calm, ($"{store}: while {crowd} ask so at once", "", ""), .. crowded, ("  a page of theirs", Times(wide), "")];
    }

    /// <summary>Runs, one after the other, and a plain page now and then.</summary>
    private static async Task<IReadOnlyList<(string, string, string)>> Others(HttpClient http, IReadOnlyList<OpenSession> sessions, int seconds)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var turn = 0;
        var runs = Enumerable.Range(0, RunsAtOnce).Select(_ => Timed(() => Market.Run(http, sessions[Interlocked.Increment(ref turn) % sessions.Count]), stop.Token)).ToList();
        var page = Timed(() => Get(http, $"/admin/payments?user_id={PaymentRows.User(Interlocked.Increment(ref turn) * 7919 % 100_000)}", default), stop.Token);
        long[] ran = [.. (await Task.WhenAll(runs)).SelectMany(ticks => ticks)];
        var read = await page;
        return [("  a run", Times(ran), ""), ("  a page of a user's payments", Times([.. read]), "")];
    }

    private static async Task<List<long>> Timed(Func<Task> what, CancellationToken stop)
    {
        var ticks = new List<long>();
        while (!stop.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            await what();
            ticks.Add(Stopwatch.GetTimestamp() - started);
        }

        return ticks;
    }

    private static async Task<List<long>> Ask(HttpClient http, string path, CancellationToken stop)
    {
        var (ticks, started) = (new List<long>(), Stopwatch.GetTimestamp());
        try
        {
            for (; ; started = Stopwatch.GetTimestamp())
            {
                await Get(http, path, stop);
                ticks.Add(Stopwatch.GetTimestamp() - started);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            ticks.Add(Stopwatch.GetTimestamp() - started); // It took at least so long.
            return ticks;
        }
    }

    private static async Task Get(HttpClient http, string path, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Product.AdminKey) } };
        using var response = await http.SendAsync(request, cancel);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsByteArrayAsync(cancel);
    }

    private static string Times(long[] ticks) => $"p50 {Report.Milliseconds(Report.Percentile(ticks, 0.5))}, p95 {Report.Milliseconds(Report.Percentile(ticks, 0.95))}, {Report.Of(ticks.Length)} of them";
}
