using Agora.Benchmarks.Load;
using Agora.Benchmarks.Postgres;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;

namespace Agora.Benchmarks.SideBySide;

/// <summary>
/// Sponsored runs, beside what one would build instead: the plain design over HTTP and by pgbench, the product with a service that
/// answers at once and with one that is called over HTTP, and ASP.NET that does nothing. Spread over many campaigns, and all on one.
/// </summary>
internal sealed class RunsContest(Options options, Stage stage)
{
    private readonly string[] _only = options.Text("only", "plain,fastest,pgbench,agora,agora-http,bare").Split(',');
    private string? _plain;
    private Child? _agora;
    private int _answerBytes = 1_000;

    public static async Task<Measures> Run(Options options)
    {
        await using var stage = new Stage(options);
        return await new RunsContest(options, stage).Run();
    }

    private async Task<Measures> Run()
    {
        var subjects = new List<Subject>();
        if (Wanted("plain", "fastest", "pgbench"))
        {
            subjects.AddRange(await Plain(stage.NeedPostgres()));
        }

        if (Wanted("agora", "agora-http"))
        {
            subjects.AddRange(await Agora());
        }

        if (Wanted("bare"))
        {
            var bare = stage.Add(await Child.StartServer("serve-bare", "--bytes", $"{_answerBytes}"));
            subjects.Add(stage.Http("bare", "(c) ASP.NET that does nothing", bare, [LoadRequests.Post("/answer", null)], "data"));
        }

        var scores = await new Contest(options, new(stage.Postgres)).Run([.. subjects.Where(s => _only.Any(o => s.Name == o || s.Name == o + "-hot"))]);
        await Check(scores);
        return Contest.Found(scores, await stage.Settings(), Contest.Ratios(
            scores,
            ("b / a, spread", "agora", "plain", ">= 1.3"),
            ("b / a, all on one", "agora-hot", "plain-hot", ">= 7"),
            ("b / a in its fastest form, spread", "agora", "fastest", ""),
            ("b / a in its fastest form, all on one", "agora-hot", "fastest-hot", ""),
            ("b / a', spread", "agora", "pgbench", ""),
            ("b / a', all on one", "agora-hot", "pgbench-hot", ""),
            ("b' / b, spread", "agora-http", "agora", ""),
            ("b / c, spread", "agora", "bare", "")));
    }

    private async Task<IEnumerable<Subject>> Plain(Database postgres)
    {
        const string Name = "plain";
        _plain = postgres.Create(Name);
        PlainDesign.Create(_plain, stage.Sessions, stage.Campaigns);
        var server = stage.Add(await Child.StartServer("serve-plain", "--postgres", _plain, "--pool", $"{options.Number("pool", 64)}"));
        Subject Http(string name, string what, string form, Func<int, int> campaign) =>
            stage.Http(name, what, server, Enumerable.Range(0, stage.Sessions).Select(s => LoadRequests.Post($"{form}/sessions/{s}/campaigns/{campaign(s)}/runs", null)), "\"status\":\"posted\"");
        Subject Pgbench(string name, string what, bool hot) => new PgbenchSubject(name, what, postgres.Port, Name, PlainDesign.Script(stage.Sessions, stage.Campaigns, hot));
        return
        [
            Http("plain", "(a) ASP.NET and Npgsql, spread", "", s => PlainDesign.CampaignOf(s, stage.Campaigns)),
            Http("plain-hot", "(a) ASP.NET and Npgsql, all on one", "", _ => PlainDesign.Hot),
            Http("fastest", "(a) in its fastest form, spread", "/fastest", s => PlainDesign.CampaignOf(s, stage.Campaigns)),
            Http("fastest-hot", "(a) in its fastest form, all on one", "/fastest", _ => PlainDesign.Hot),
            Pgbench("pgbench", "(a') the fastest form in pgbench, spread", hot: false),
            Pgbench("pgbench-hot", "(a') the fastest form in pgbench, all on one", hot: true),
        ];
    }

    private async Task<IEnumerable<Subject>> Agora()
    {
        var service = stage.Add(await Child.StartServer("serve-bare"));
        var (store, agora) = await stage.Agora(service.Address.Authority);
        _agora = agora;
        var sessions = await Market.Open(agora.Address, stage.Sessions, stage.Campaigns, new Uri(service.Address, "/service"), hot: true);
        _answerBytes = await Market.RunOnce(agora.Address, sessions[0]);
        stage.Settle(store);
        Subject Http(string name, string what, Func<OpenSession, string> path, Child? service = null) =>
            stage.Http(name, what, agora, sessions.Select(s => LoadRequests.Post(path(s), s.Token)), "\"status\":\"posted\"", service);
        return
        [
            Http("agora", "(b) Agora, spread", s => s.Runs),
            Http("agora-hot", "(b) Agora, all on one", s => s.HotRuns),
            Http("agora-http", "(b') Agora with an HTTP service, spread", s => s.HttpRuns, service),
        ];
    }

    /// <summary>What was answered has been done: no run is lost, and none is there twice.</summary>
    private async Task Check(IReadOnlyList<Score> scores)
    {
        long Asked(params string[] names) => scores.Where(s => names.Any(n => s.Subject.Name == n || s.Subject.Name == n + "-hot")).Sum(s => s.Asked);
        if (_plain is not null)
        {
            Equal("The plain design", Asked("plain", "fastest", "pgbench"), PlainDesign.Runs(_plain));
        }

        if (_agora is not null)
        {
            Equal("Agora", Asked("agora", "agora-http") + 1, await Market.Paid(_agora.Address, stage.Campaigns)); // and the one that was looked at
        }
    }

    public static void Equal(string who, long answered, long done)
    {
        if (answered != done) throw new InvalidOperationException($"{who} has answered {answered} runs, and done {done}.");

        Console.Error.WriteLine($"{who} has answered {answered} runs, and done as many.");
    }

    private bool Wanted(params string[] names) => _only.Any(o => names.Any(n => o == n || o == n + "-hot"));
}
