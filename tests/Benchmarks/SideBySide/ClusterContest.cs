using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;

namespace Agora.Benchmarks.SideBySide;

/// <summary>
/// The same sponsored runs on the embedded engine and on Orleans, with one silo, two and three: <c>src/Silo</c> as it is deployed, with
/// a service called over HTTP, each on a database of its own in one PostgreSQL, and all on this one machine. So what more silos show
/// here is what they cost, not what they give.
/// </summary>
internal sealed class ClusterContest(Options options, Stage stage)
{
    private const string Baseline = "embedded";
    private readonly string[] _only = options.Text("only", "embedded,orleans-1,orleans-2,orleans-3").Split(',');

    // NAME=VALUE,…;…: for each of them one more cluster, whose environment differs in these.
    private readonly string[] _with = options.Text("with", "").Split(';', StringSplitOptions.RemoveEmptyEntries);
    private readonly int _withSilos = options.Number("with-silos", 1);
    private readonly Dictionary<string, Silos> _silos = [];

    public static async Task<Measures> Run(Options options)
    {
        await using var stage = new Stage(options);
        return await new ClusterContest(options, stage).Run();
    }

    private async Task<Measures> Run()
    {
        var service = stage.Add(await Child.StartServer("serve-bare"));
        var subjects = new List<Subject>();
        if (_only.Contains(Baseline))
        {
            subjects.Add(await Subject(Baseline, "Embedded", SiloPrograms.Embedded, 1, service));
        }

        if (await Orleans() is { } orleans)
        {
            foreach (var silos in new[] { 1, 2, 3 }.Where(n => _only.Contains($"orleans-{n}")))
            {
                subjects.Add(await Subject($"orleans-{silos}", Clustered(silos), orleans, silos, service));
            }

            foreach (var (n, with) in _with.Index())
            {
                subjects.Add(await Subject($"orleans-with-{n + 1}", $"{Clustered(_withSilos)}, {with}", orleans, _withSilos, service, with));
            }
        }

        var scores = await new Contest(options, new(stage.Postgres)).Run(subjects);
        foreach (var score in scores)
        {
            var paid = await Market.Paid(_silos[score.Subject.Name].Addresses[0], stage.Campaigns, hot: false);
            RunsContest.Equal(score.Subject.What, score.Asked, paid);
        }

        return Contest.Found(scores, [.. await stage.Settings(), "the service is an HTTP server on this machine; the dashboard is off; all servers run throughout, in their pauses too"], Costs(scores));
    }

    private async Task<string?> Orleans()
    {
        if (!_only.Any(o => o.StartsWith("orleans", StringComparison.Ordinal)) && _with.Length == 0) return null;

        var program = await SiloPrograms.Orleans();
        if (program is null)
        {
            Console.WriteLine("The packages Microsoft.Orleans.* cannot be restored here: only the embedded engine is measured.");
        }

        return program;
    }

    private async Task<Subject> Subject(string name, string what, string program, int count, Child service, string with = "")
    {
        var (store, silos) = await stage.Cluster(name, program, count, service, with);
        _silos.Add(name, silos);
        var sessions = await Market.Open(silos.Addresses, stage.Sessions, stage.Campaigns, new Uri(service.Address, "/service"));
        stage.Settle(store);
        return stage.Http(name, what, silos, sessions.Select(s => LoadRequests.Post(s.HttpRuns, s.Token)), "\"status\":\"posted\"", service);
    }

    private static string Clustered(int silos) => silos == 1 ? "Orleans, one silo" : $"Orleans, {silos} silos";

    /// <returns>Null: there is nothing that they are held beside.</returns>
    private static Table? Costs(IReadOnlyList<Score> scores)
    {
        if (scores.FirstOrDefault(s => s.Subject.Name == Baseline) is not { } baseline) return null;

        string Ratio(Score score, Func<Score, double> of) => Report.Of(of(score) / of(baseline), 2);
        return new("Beside the embedded engine", ["", "runs a second", "server CPU a run", "server and PostgreSQL CPU a run"],
        [
            .. scores.Select(score => (IReadOnlyList<string>)
            [
                score.Subject.What, Ratio(score, s => s.MedianRate), Ratio(score, s => s.Used.Server.TotalSeconds / s.Answers), Ratio(score, s => (s.Used.Server + s.Used.Postgres).TotalSeconds / s.Answers),
            ]),
        ]);
    }
}
