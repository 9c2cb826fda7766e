using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;

namespace Agora.Benchmarks.SideBySide;

/// <summary>
/// The same sponsored runs with one silo, two and three, and where <c>--former</c> names an Agora.Silo.dll, with one silo of that build: <c>src/Silo</c> as it is deployed, with
/// a service called over HTTP, each on a store of its own, and all on this one machine. So what more silos show here is what they cost, not what they give.
/// </summary>
internal sealed class ClusterContest(Options options, Stage stage)
{
    private const string Former = "former";
    private readonly string _former = options.Text("former", "");
    private readonly int[] _silosOf = [.. options.Text("silos", "1,2,3").Split(',').Select(int.Parse)];

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
        if (_former.Length > 0)
        {
            subjects.Add(await Subject(Former, "the former build", _former, 1, service));
        }

        foreach (var silos in _silosOf)
        {
            subjects.Add(await Subject($"silos-{silos}", Clustered(silos), SiloPrograms.Own, silos, service));
        }

        foreach (var (n, with) in _with.Index())
        {
            subjects.Add(await Subject($"with-{n + 1}", $"{Clustered(_withSilos)}, {with}", SiloPrograms.Own, _withSilos, service, with));
        }

        var scores = await new Contest(options, new(stage.Postgres)).Run(subjects);
        foreach (var score in scores)
        {
            var paid = await Market.Paid(_silos[score.Subject.Name].Addresses[0], stage.Campaigns, hot: false);
            RunsContest.Equal(score.Subject.What, score.Asked, paid);
        }

        return Contest.Found(scores, [.. await stage.Settings(), "the service is an HTTP server on this machine; the dashboard is off; all servers run throughout, in their pauses too"], Costs(scores));
    }

    private async Task<Subject> Subject(string name, string what, string program, int count, Child service, string with = "")
    {
        var (store, silos) = await stage.Cluster(name, program, count, service, with);
        _silos.Add(name, silos);
        var sessions = await Market.Open(silos.Addresses, stage.Sessions, stage.Campaigns, new Uri(service.Address, "/service"));
        stage.Settle(store);
        return stage.Http(name, what, silos, sessions.Select(s => LoadRequests.Post(s.HttpRuns, s.Token)), "\"status\":\"posted\"", service);
    }

    private static string Clustered(int silos) => silos == 1 ? "one silo" : $"{silos} silos";

    /// <summary>Beside the first of them.</summary>
    private static Table Costs(IReadOnlyList<Score> scores)
    {
        var first = scores[0];
        string Ratio(Score score, Func<Score, double> of) => Report.Of(of(score) / of(first), 2);
        return new("Beside the first", ["", "runs a second", "server CPU a run", "server and PostgreSQL CPU a run"],
        [
            .. scores.Select(score => (IReadOnlyList<string>)
            [
                score.Subject.What, Ratio(score, s => s.MedianRate), Ratio(score, s => s.Used.Server.TotalSeconds / s.Answers), Ratio(score, s => (s.Used.Server + s.Used.Postgres).TotalSeconds / s.Answers),
            ]),
        ]);
    }
}
