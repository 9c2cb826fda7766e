using Agora.Benchmarks.Load;
using Agora.Benchmarks.Postgres;
using Agora.Benchmarks.Servers;
using Agora.Testing.Postgres;

namespace Agora.Benchmarks.SideBySide;

/// <summary>
/// Sponsored runs, beside what one would build instead: the plain design over HTTP and by pgbench, the product with a service that
/// answers at once and with one that is called over HTTP, and ASP.NET that does nothing. Spread over many campaigns, and all on one.
/// </summary>
internal sealed class RunsContest : IAsyncDisposable
{
    private readonly Options _options;
    private readonly ScratchDirectory _scratch = new();
    private readonly List<IAsyncDisposable> _started = [];
    private readonly string[] _only;
    private readonly int _sessions;
    private readonly int _campaigns;
    private readonly int _connections;
    private readonly bool _onPostgres;
    private string? _plainDatabase;
    private Child? _agora;
    private int _answerBytes = 1_000;

    private RunsContest(Options options)
    {
        _options = options;
        _only = options.Text("only", "plain,pgbench,agora,agora-http,bare").Split(',');
        _sessions = options.Number("sessions", 10_000);
        _campaigns = options.Number("campaigns", 1_000);
        _connections = options.Number("connections", 256);
        _onPostgres = options.Text("store", "postgres") == "postgres";
    }

    public static async Task Run(Options options)
    {
        await using var contest = new RunsContest(options);
        await contest.Run();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
        {
            await started.DisposeAsync();
        }

        _scratch.Dispose();
    }

    private async Task Run()
    {
        var postgres = _onPostgres || Wanted("plain", "pgbench") ? Started(new Database()) : null;
        var subjects = new List<Subject>();
        if (Wanted("plain", "pgbench"))
        {
            subjects.AddRange(await Plain(postgres!));
        }

        if (Wanted("agora", "agora-http"))
        {
            subjects.AddRange(await Agora(postgres));
        }

        if (Wanted("bare"))
        {
            var bare = Started(await Child.StartServer("serve-bare", "--bytes", $"{_answerBytes}"));
            subjects.Add(Http("bare", "(c) ASP.NET that does nothing", bare, [LoadRequests.Post("/answer", null)], "data"));
        }

        var settings = new List<string> { $"Agora: {(_onPostgres ? "on PostgreSQL" : "on SQLite, every commit synced")}, {Product.Settings}; otherwise as it comes" };
        if (postgres is not null)
        {
            settings.Insert(0, await postgres.Describe());
        }

        var scores = await new Contest(_options, new(postgres)).Run([.. subjects.Where(s => _only.Any(o => s.Name == o || s.Name == o + "-hot"))]);
        await Check(scores);
        Contest.Print("runs", _options, scores, settings);
        Ratios(scores);
    }

    /// <summary>What was answered has been done: no run is lost, and none is there twice.</summary>
    private async Task Check(IReadOnlyList<Score> scores)
    {
        long Asked(Func<string, bool> name) => scores.Where(s => name(s.Subject.Name)).Sum(s => s.Asked);
        if (_plainDatabase is { } plain)
        {
            Equal("the plain design", Asked(n => n.StartsWith('p')), PlainDesign.Runs(plain));
        }

        if (_agora is { } agora)
        {
            Equal("Agora", Asked(n => n.StartsWith("agora", StringComparison.Ordinal)) + 1, await Market.Paid(agora.Address, _campaigns)); // and the one that was looked at
        }
    }

    private static void Equal(string who, long answered, long done)
    {
        if (answered != done)
        {
            throw new InvalidOperationException($"{who} has answered {answered} runs, and done {done}.");
        }

        Console.Error.WriteLine($"{who}: {done} runs answered, and as many found");
    }

    private async Task<IEnumerable<Subject>> Plain(Database postgres)
    {
        const string Name = "plain";
        _plainDatabase = postgres.Create(Name);
        PlainDesign.Create(_plainDatabase, _sessions, _campaigns);
        var server = Started(await Child.StartServer("serve-plain", "--postgres", _plainDatabase, "--pool", $"{_options.Number("pool", 64)}"));
        Subject Plain(string name, string what, Func<int, int> campaign) =>
            Http(name, what, server, Enumerable.Range(0, _sessions).Select(s => LoadRequests.Post($"/sessions/{s}/campaigns/{campaign(s)}/runs", null)), "\"status\":\"posted\"");
        return
        [
            Plain("plain", "(a) ASP.NET and Npgsql, spread", s => PlainDesign.CampaignOf(s, _campaigns)),
            Plain("plain-hot", "(a) ASP.NET and Npgsql, all on one", _ => PlainDesign.Hot),
            new PgbenchSubject("pgbench", "(a') the same in pgbench, spread", postgres.Port, Name, PlainDesign.Script(_sessions, _campaigns, hot: false)),
            new PgbenchSubject("pgbench-hot", "(a') the same in pgbench, all on one", postgres.Port, Name, PlainDesign.Script(_sessions, _campaigns, hot: true)),
        ];
    }

    private async Task<IEnumerable<Subject>> Agora(Database? postgres)
    {
        var store = _onPostgres ? postgres!.Create("agora") : "";
        var service = Started(await Child.StartServer("serve-bare"));
        var agora = _agora = Started(await Child.StartServer("serve-agora", "--data", Path.Combine(_scratch.Path, "agora"), "--postgres", store, "--allow", $"127.0.0.1:{service.Address.Port}"));
        var sessions = await Market.Open(agora.Address, _sessions, _campaigns, new Uri(service.Address, "/service"), hot: true);
        _answerBytes = await Market.RunOnce(agora.Address, sessions[0]);
        if (_onPostgres)
        {
            PostgresServer.Execute(store, "VACUUM ANALYZE"); // as the plain design's tables
        }

        const string Succeeded = "\"status\":\"posted\"";
        return
        [
            Http("agora", "(b) Agora, spread", agora, sessions.Select(s => LoadRequests.Post(s.Runs, s.Token)), Succeeded),
            Http("agora-hot", "(b) Agora, all on one", agora, sessions.Select(s => LoadRequests.Post(s.HotRuns, s.Token)), Succeeded),
            Http("agora-http", "(b') Agora with an HTTP service, spread", agora, sessions.Select(s => LoadRequests.Post(s.HttpRuns, s.Token)), Succeeded, service),
        ];
    }

    private HttpSubject Http(string name, string what, Child server, IEnumerable<byte[]> requests, string mustSay, Child? service = null)
    {
        var file = Path.Combine(_scratch.Path, name + ".requests");
        LoadRequests.Of(requests, mustSay).Write(file);
        return new(name, what, server, file, _connections, service);
    }

    private void Ratios(IReadOnlyList<Score> scores)
    {
        double? Ratio(string of, string to) => scores.FirstOrDefault(s => s.Subject.Name == of)?.MedianRate / scores.FirstOrDefault(s => s.Subject.Name == to)?.MedianRate;
        (string What, double? Value, string Goal)[] ratios =
        [
            ("b / a, spread", Ratio("agora", "plain"), ">= 2"),
            ("b / a, all on one", Ratio("agora-hot", "plain-hot"), ">= 8"),
            ("b / a', spread", Ratio("agora", "pgbench"), ""),
            ("b / a', all on one", Ratio("agora-hot", "pgbench-hot"), ""),
            ("b' / b, spread", Ratio("agora-http", "agora"), ""),
            ("b / c, spread", Ratio("agora", "bare"), ""),
        ];
        Contest.Row("", "ratio", "goal");
        Console.WriteLine("|---|---:|---:|");
        foreach (var (what, value, goal) in ratios.Where(r => r.Value is not null))
        {
            Contest.Row(what, Report.Of(value!.Value, 2), goal);
        }
    }

    private bool Wanted(params string[] names) => _only.Any(o => names.Any(n => o == n || o == n + "-hot"));

    private T Started<T>(T part)
        where T : IAsyncDisposable
    {
        _started.Add(part);
        return part;
    }
}
